/**
 * IndexedDB itself, with an index of what the query asks for: the floor. Each write is a transaction with the durability
 * asked for. Tabs tell each other by a BroadcastChannel what they have written.
 */

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export async function open(name, durability) {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("tasks", { keyPath: "id" }).createIndex("question", ["owner", "priority"]);
  };
  const db = await done(opening);
  const channel = new BroadcastChannel(name);
  const tasks = () => db.transaction("tasks").objectStore("tasks");
  const write = (documents) => new Promise((resolve, reject) => {
    const transaction = db.transaction("tasks", "readwrite", { durability });
    const store = transaction.objectStore("tasks");
    for (const document of documents) store.put(document);
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
  return {
    async put(document) {
      await write([document]);
      channel.postMessage(document.id);
    },
    bulk: write,
    get: (id) => done(tasks().get(id)),
    query: (owner, priority) => done(tasks().index("question").getAll([owner, priority])),
    async watch(owner, heard) {
      channel.onmessage = async ({ data: id }) => {
        if ((await done(tasks().get(id))).owner === owner) heard(id);
      };
    },
    close() {
      channel.close();
      db.close();
    },
  };
}

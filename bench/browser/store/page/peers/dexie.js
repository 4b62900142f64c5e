/** Dexie over IndexedDB, which is told the durability. Other tabs are heard by `liveQuery`. */

import { Dexie, liveQuery } from "dexie";

export async function open(name, durability) {
  const db = new Dexie(name, { chromeTransactionDurability: durability });
  db.version(1).stores({ tasks: "id, [owner+priority], owner" });
  await db.open();
  return {
    put: (document) => db.tasks.put(document),
    bulk: (documents) => db.tasks.bulkPut(documents),
    get: (id) => db.tasks.get(id),
    query: (owner, priority) => db.tasks.where({ owner, priority }).toArray(),
    watch: (owner, heard) => new Promise((resolve) => {
      liveQuery(() => db.tasks.where({ owner }).primaryKeys()).subscribe((ids) => {
        for (const id of ids) heard(id);
        resolve();
      });
    }),
    close: () => db.close(),
  };
}

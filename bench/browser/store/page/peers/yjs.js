/**
 * Yjs with y-indexeddb: one document, each task a map in a map. Each update is stored in a transaction of the browser's
 * default, which in Chromium is relaxed: a power cut may take it back. It has no index, and leaves other tabs to its
 * network providers.
 */

import { IndexeddbPersistence } from "y-indexeddb";
import * as Y from "yjs";

export async function open(name) {
  const doc = new Y.Doc();
  const persistence = new IndexeddbPersistence(name, doc);
  await persistence.whenSynced;
  const tasks = doc.getMap("tasks");
  const set = (document) => tasks.set(document.id, new Y.Map(Object.entries(document)));
  return {
    put(document) {
      set(document);
      return stored(persistence);
    },
    bulk(documents) {
      doc.transact(() => documents.forEach(set));
      return stored(persistence);
    },
    get: async (id) => tasks.get(id)?.toJSON(),
    close: () => persistence.destroy(),
  };
}

/** A transaction over the same store begins once those before it have ended. */
function stored({ db }) {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction("updates", "readwrite");
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

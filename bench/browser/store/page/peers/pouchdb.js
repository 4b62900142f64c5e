/**
 * PouchDB with its indexeddb adapter. It opens transactions of the browser's default, which in Chromium is relaxed: a
 * power cut may take a write back. Its index is made at the first query after a load, which `settled` waits for.
 */

import PouchDB from "pouchdb-browser";
import indexeddb from "pouchdb-adapter-indexeddb";
import find from "pouchdb-find";
import { batches } from "../../../batches.js";

PouchDB.plugin(indexeddb).plugin(find);

const storedOf = ({ id, ...rest }) => ({ _id: id, ...rest });
const documentOf = ({ _id: id, ...stored }) => {
  delete stored._rev;
  return { id, ...stored };
};

export async function open(name) {
  const db = new PouchDB(name, { adapter: "indexeddb" });
  const index = () => db.createIndex({ index: { fields: ["owner", "priority"] } });
  const query = async (owner, priority) => {
    await index();
    return (await db.find({ selector: { owner, priority }, limit: 1_000 })).docs.map(documentOf);
  };
  return {
    put: (document) => db.put(storedOf(document)),
    async bulk(documents) {
      for (const some of batches(documents, 5_000)) await db.bulkDocs(some.map(storedOf));
    },
    get: async (id) => documentOf(await db.get(id)),
    query,
    async watch(owner, heard) {
      db.changes({ live: true, since: "now", include_docs: true }).on("change", ({ id, doc }) => {
        if (doc.owner === owner) heard(id);
      });
    },
    settled: () => query("nobody", 0),
    close: () => db.close(),
  };
}

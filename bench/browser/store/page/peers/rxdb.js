/** RxDB on its Dexie storage, which tells IndexedDB the durability; its revisions and its hub between tabs are on. */

import { createRxDatabase } from "rxdb/plugins/core";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";
import { batches } from "../../../batches.js";

const text = { type: "string" };
const schema = {
  version: 0,
  primaryKey: "id",
  type: "object",
  properties: {
    id: { ...text, maxLength: 20 },
    owner: { ...text, maxLength: 20 },
    priority: { type: "integer", minimum: 0, maximum: 10, multipleOf: 1 },
    title: text,
    notes: text,
    state: text,
    done: { type: "boolean" },
    due: { type: "object" },
    tags: { type: "array", items: text },
  },
  required: ["id", "owner", "priority"],
  indexes: [["owner", "priority"]],
};

export async function open(name, durability) {
  const storage = getRxStorageDexie({ chromeTransactionDurability: durability });
  const db = await createRxDatabase({ name, storage, multiInstance: true });
  const { tasks } = await db.addCollections({ tasks: { schema } });
  return {
    put: (document) => tasks.insert(document),
    async bulk(documents) {
      for (const some of batches(documents, 5_000)) {
        const { error } = await tasks.bulkInsert(some);
        if (error.length > 0) throw new Error(`${error.length} documents were refused`);
      }
    },
    get: async (id) => (await tasks.findOne(id).exec())?.toMutableJSON(),
    async query(owner, priority) {
      return (await tasks.find({ selector: { owner, priority } }).exec()).map((one) => one.toMutableJSON());
    },
    watch: (owner, heard) => new Promise((resolve) => {
      tasks.find({ selector: { owner } }).$.subscribe((found) => {
        for (const { id } of found) heard(id);
        resolve();
      });
    }),
    close: () => db.close(),
  };
}

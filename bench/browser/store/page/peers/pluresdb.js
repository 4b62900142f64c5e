/**
 * PluresDB with its engine in its worker. `strict`: a write is on the disk when it resolves; `relaxed`: with the
 * engine, which stores it a moment later. A load is an import of JSON Lines, which are made of the documents within its time.
 */

import { open as openPlures } from "/pluresdb/index.js";

const type = "Task";
const fields = { owner: { type: "string", indexed: true }, priority: { type: "integer" } };
/** A checkpoint begins in a quiet moment, at most a second after a load, and `close` waits for its end. */
const SETTLING_MS = 3_000;

const documentOf = ({ id, data }) => ({ id, ...data });

async function* lines(documents) {
  for (const { id, ...data } of documents) yield `${JSON.stringify({ id, type, data })}\n`;
}

export const open = (name, durability) => openWith(name, { durability, worker: true });

/** The same with other options of `open`. */
export async function openWith(name, options) {
  const db = await openPlures(`idb://${name}`, { textIndex: false, ...options });
  if ((await db.types()).length === 0) await db.defineType({ name: type, fields });
  return {
    put: ({ id, ...data }) => db.put({ id, type, data }),
    bulk: (documents) => db.importJsonl(lines(documents)),
    async get(id) {
      const node = await db.get(id);
      return node && documentOf(node);
    },
    async query(owner, priority) {
      const rows = await db.query("SELECT id, json(data) AS data FROM Task WHERE owner = ?1 AND priority = ?2", [owner, priority]);
      return rows.map(({ id, data }) => ({ id, ...JSON.parse(data) }));
    },
    async watch(owner, heard) {
      db.live("SELECT id FROM Task WHERE owner = ?1", [owner], ({ added }) => {
        for (const { row } of added) heard(row.id);
      });
      await db.status();
    },
    settled: () => new Promise((resolve) => { setTimeout(resolve, SETTLING_MS); }),
    close: () => db.close(),
  };
}

/**
 * PGlite on IndexedDB, on the thread of the page. A statement resolves once its files are copied into IndexedDB, in
 * transactions of the browser's default, which in Chromium is relaxed: a power cut may take it back. One tab
 * at a time may have it.
 */

import { PGlite } from "/peers/@electric-sql/pglite/dist/index.js";
import { batches } from "../../../batches.js";

export async function open(name) {
  const db = await PGlite.create(`idb://${name}`);
  await db.exec(`
    CREATE TABLE IF NOT EXISTS tasks (id text PRIMARY KEY, owner text, priority int, data jsonb);
    CREATE INDEX IF NOT EXISTS question ON tasks (owner, priority);
  `);
  const write = (documents) => db.query(
    `INSERT INTO tasks SELECT d->>'id', d->>'owner', (d->>'priority')::int, d FROM jsonb_array_elements($1::jsonb) AS d
     ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, priority = excluded.priority, data = excluded.data`,
    [JSON.stringify(documents)],
  );
  const read = async (where, values) => (await db.query(`SELECT data FROM tasks WHERE ${where}`, values)).rows.map(({ data }) => data);
  return {
    put: (document) => write([document]),
    async bulk(documents) {
      for (const some of batches(documents, 10_000)) await write(some);
    },
    get: async (id) => (await read("id = $1", [id]))[0],
    query: (owner, priority) => read("owner = $1 AND priority = $2", [owner, priority]),
    close: () => db.close(),
  };
}

/**
 * wa-sqlite with its asynchronous build and IDBBatchAtomicVFS, on the thread of the page; IndexedDB is told the durability.
 * `relaxed` is synchronous = NORMAL, which does not wait for it. It can not tell tabs of each other.
 */

import SQLiteESMFactory from "wa-sqlite/dist/wa-sqlite-async.mjs";
import { IDBBatchAtomicVFS } from "wa-sqlite/src/examples/IDBBatchAtomicVFS.js";
import * as SQLite from "wa-sqlite";
import * as table from "./table.js";

export async function open(name, durability) {
  const module = await SQLiteESMFactory({ locateFile: (file) => `/peers/wa-sqlite/dist/${file}` });
  const sqlite3 = SQLite.Factory(module);
  sqlite3.vfs_register(new IDBBatchAtomicVFS(name, { durability }), true);
  const db = await sqlite3.open_v2("tasks");
  await sqlite3.exec(db, `PRAGMA synchronous = ${durability === "strict" ? "FULL" : "NORMAL"}; ${table.schema}`);
  const prepared = new Map();
  for (const sql of [table.put, table.get, table.query]) {
    const text = sqlite3.str_new(db, sql);
    prepared.set(sql, (await sqlite3.prepare_v2(db, sqlite3.str_value(text))).stmt);
  }
  const run = async (sql, values) => {
    const statement = prepared.get(sql);
    sqlite3.bind_collection(statement, values);
    const rows = [];
    while ((await sqlite3.step(statement)) === SQLite.SQLITE_ROW) rows.push(JSON.parse(sqlite3.column_text(statement, 0)));
    await sqlite3.reset(statement);
    return rows;
  };
  // It runs one statement at a time.
  let last = Promise.resolve();
  const queued = (work) => (last = last.then(work));
  return {
    put: (document) => queued(() => run(table.put, table.rowOf(document))),
    bulk: (documents) => queued(async () => {
      await sqlite3.exec(db, "BEGIN");
      for (const document of documents) await run(table.put, table.rowOf(document));
      await sqlite3.exec(db, "COMMIT");
    }),
    get: async (id) => (await queued(() => run(table.get, [id])))[0],
    query: (owner, priority) => queued(() => run(table.query, [owner, priority])),
    async close() {
      for (const statement of prepared.values()) await sqlite3.finalize(statement);
      await sqlite3.close(db);
    },
  };
}

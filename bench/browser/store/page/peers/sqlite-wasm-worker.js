/** The worker of `sqlite-wasm.js`: does what it is called for and answers. */

import sqlite3InitModule from "@sqlite.org/sqlite-wasm";
import * as table from "./table.js";

let db;
let pool;
const statements = {};

const run = (statement, values) => {
  statement.bind(values);
  const rows = [];
  while (statement.step()) rows.push(JSON.parse(statement.getString(0)));
  statement.reset();
  return rows;
};

const methods = {
  async open(name) {
    const sqlite3 = await sqlite3InitModule({ locateFile: (file) => `/peers/@sqlite.org/sqlite-wasm/dist/${file}` });
    pool = await sqlite3.installOpfsSAHPoolVfs({ directory: `/${name}` });
    db = new pool.OpfsSAHPoolDb("/tasks");
    db.exec(`PRAGMA synchronous = FULL; ${table.schema}`);
    for (const key of ["put", "get", "query"]) statements[key] = db.prepare(table[key]);
  },
  put: (document) => void run(statements.put, table.rowOf(document)),
  bulk(documents) {
    db.exec("BEGIN");
    for (const document of documents) run(statements.put, table.rowOf(document));
    db.exec("COMMIT");
  },
  get: (id) => run(statements.get, [id])[0],
  query: (owner, priority) => run(statements.query, [owner, priority]),
  close() {
    for (const statement of Object.values(statements)) statement.finalize();
    db.close();
    pool.pauseVfs();
  },
};

onmessage = async ({ data: { call, method, values } }) => {
  try {
    postMessage({ call, answer: await methods[method](...values) });
  } catch (error) {
    postMessage({ call, error: String(error) });
  }
};

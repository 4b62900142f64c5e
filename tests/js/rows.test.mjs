// Rows of SQL read page by page: without end, beside others, while something is written, in bounded memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "pluresdb";
import { failure } from "./lib/failure.mjs";

const fresh = () => open("memory://");

const ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";

test("rows of a statement without end are read as far as they are wanted, and others run beside it", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "N", data: { n: 1 } });
  let seen = 0;
  for await (const { i } of db.rows(ENDLESS)) {
    seen += 1;
    assert.equal(i, seen);
    if (seen % 1000 === 0) assert.equal((await db.query("SELECT n FROM N"))[0].n, 1);
    if (seen === 5000) break;
  }
  assert.equal(seen, 5000);
  // Two at a time, each with its limits.
  const [first, second] = [db.rows(ENDLESS, [], { maxRows: 2500, timeMs: 60_000 }), db.rows(ENDLESS, [], { page: 1 })].map(
    (rows) => rows[Symbol.asyncIterator](),
  );
  await second.next();
  const ended = await failure((async () => {
    for (;;) await first.next();
  })());
  assert.equal(ended.code, "sql-row-limit");
  assert.equal((await second.next()).value.i, 2);
  await second.return();
  const short = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e5) SELECT i FROM n";
  assert.equal((await db.query(short)).length, 1e5, "no limit is left behind");
});

test("a column has its value under any name, and cells come as they are from many rows", async () => {
  const db = await fresh();
  const [row] = await db.query('SELECT 1 AS "__proto__", 2 AS "constructor", 3 AS "a.b"');
  assert.deepEqual(Object.entries(row), [["__proto__", 1], ["constructor", 2], ["a.b", 3]]);
  assert.equal(Object.getPrototypeOf(row), Object.prototype);
  const cells = "1, 2.5, -0.0, NULL, 'ü\"', x'00ff', 9007199254740993, 1e999, i";
  const rows = await db.table(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) SELECT ${cells} FROM n`,
  );
  const bytes = new Uint8Array([0, 255]);
  assert.deepEqual(rows.rows[599], [1, 2.5, -0, null, 'ü"', bytes, 2n ** 53n + 1n, Infinity, 600]);
  assert.deepEqual(rows.rows.map((cell) => cell.at(-1)), Array.from({ length: 600 }, (_, n) => n + 1));
  const plain = await db.table("WITH n(i) AS (VALUES (1), (2.5), (-0.0), (NULL), ('ü\"'), (1e300)) SELECT i FROM n");
  assert.deepEqual(plain.rows, [[1], [2.5], [-0], [null], ['ü"'], [1e300]]);
});

test("what is written while rows are read does not show in them", async () => {
  const db = await fresh();
  for (let n = 0; n < 30; n += 1) await db.put({ id: `n${n}`, type: "N", data: { n } });
  const seen = [];
  for await (const { n } of db.rows("SELECT n FROM N ORDER BY n", [], { page: 3 })) {
    seen.push(n);
    await db.put({ id: `n${n + 5}`, type: "N", data: { n: n + 1000 } });
    if (n === 9) await db.transaction((tx) => { tx.exec("DELETE FROM N"); });
  }
  assert.deepEqual(seen, Array.from({ length: 30 }, (_, n) => n));
  // More than is kept of what is left.
  const rows = db.rows(ENDLESS, [], { page: 10 })[Symbol.asyncIterator]();
  await rows.next();
  await db.put({ id: "a", type: "N", data: { n: 1 } });
  const overtaken = await failure((async () => {
    for (;;) await rows.next();
  })());
  assert.equal(overtaken.code, "rows-overtaken");
  assert.equal((await db.query("SELECT n FROM N WHERE id = 'a'"))[0].n, 1);
});

test("rows that take more memory than is held end with an error, and the database goes on", async () => {
  const db = await fresh();
  assert.equal((await failure(db.query(ENDLESS))).code, "sql-size-limit");
  const long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT printf('%1000000d', i) AS t FROM n";
  assert.equal((await failure(db.query(long))).code, "sql-size-limit");
  assert.equal((await failure(db.transaction((tx) => tx.exec(long)))).code, "sql-size-limit");
  let count = 0;
  for await (const { t } of db.rows(long)) {
    assert.equal(t.length, 1_000_000);
    count += 1;
    if (count === 400) break;
  }
  assert.equal((await failure((async () => {
    for await (const { i } of db.rows(ENDLESS, [], { timeMs: 100 })) assert.ok(i > 0);
  })())).code, "sql-time-limit");
  await db.put({ id: "a", type: "N", data: { n: 1 } });
  assert.equal((await db.query("SELECT n FROM N"))[0].n, 1);
});

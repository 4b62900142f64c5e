// What is opened, asked and left behind is given back: memory does not grow with use.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { open } from "pluresdb";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

const text = "some words that take room ".repeat(40);

/** A database with everything that is held for a while, much of it left as a hurried application leaves it. */
async function use() {
  const db = await open("memory://");
  await db.transaction(async (tx) => {
    for (let n = 0; n < 200; n += 1) tx.put({ id: `n${n}`, type: "Note", data: { n, text } });
  });
  db.live("SELECT id, n FROM Note WHERE n < 5", undefined, () => undefined);
  db.onChange(() => undefined);
  await db.transaction((tx) => {
    tx.put({ id: "undone", type: "Note", data: {} });
    throw new Error("no");
  }).catch(() => undefined);
  for await (const row of db.rows("SELECT * FROM Note", [], { page: 10 })) if (row.n > 3) break;
  for await (const piece of db.exportJsonl()) if (piece !== "") break;
  // Begun and left: the collector frees what they hold, or the end of the database does.
  await db.sql`SELECT n FROM Note`.rows()[Symbol.asyncIterator]().next();
  await db.search("words");
  db.transaction(() => new Promise(() => undefined)).catch(() => undefined);
  await db.close();
}

/** Writes, overwrites and deletes the same few things. */
async function churn(db, rounds) {
  for (let n = 0; n < rounds; n += 1) {
    await db.put({ id: `n${n % 20}`, type: "Note", data: { n, text } });
    await db.editText(`n${n % 20}`, "body", [{ at: 0, insert: "x" }]);
    await db.get(`n${n % 20}`);
    if (n % 50 === 0) await db.query("SELECT count(*) FROM Note");
  }
}

/** Bytes of the module's memory, which never shrinks: what was freed is used again. */
async function held() {
  for (let times = 0; times < 2; times += 1) {
    collect();
    // What the collector found is freed in a task of its own.
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
  return process.memoryUsage().external;
}

test("many databases, opened and closed, take no more room than a few", async () => {
  for (let round = 0; round < 10; round += 1) await use();
  const few = await held();
  for (let round = 0; round < 60; round += 1) {
    await use();
    if (round % 10 === 9) await held();
  }
  const grown = (await held()) - few;
  assert.ok(grown < 2 ** 20, `${grown} bytes more after 60 databases more`);
});

test("many writes and reads of one database hold nothing but what they wrote", async () => {
  const db = await open("memory://", { undo: 0 });
  await churn(db, 300);
  const { nodes, records } = await db.status();
  const size = async () => (await db.image()).length;
  const [before, image] = [await held(), await size()];
  await churn(db, 3000);
  const status = await db.status();
  assert.deepEqual([status.nodes, status.records > records + 5000], [nodes, true]);
  // What a log grows by is its own.
  const grown = (await held()) - before - ((await size()) - image) * 2;
  assert.ok(grown < 8 * 2 ** 20, `${grown} bytes more than the log`);
  await db.close();
});

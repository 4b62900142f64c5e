// Transactions in Node, in memory: what is inside one, what waits for its end, and how it ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "pluresdb";
import { failure } from "./lib/failure.mjs";

const fresh = () => open("memory://");

test("a transaction is one record, reads its own writes, and is undone by a throw", async () => {
  const db = await fresh();
  let kept;
  const id = await db.transaction(async (tx) => {
    kept = tx;
    const id = await tx.put({ type: "A", data: { n: 1 } });
    await tx.patch(id, { n: 2 });
    tx.put({ id: "b", type: "B", data: {} });
    tx.link({ source: id, label: "to", target: "b", key: "k", data: { w: 1 } });
    assert.equal((await tx.get(id)).data.n, 2);
    assert.equal(await db.get(id), null, "reads beside it see what was committed");
    return id;
  });
  assert.equal((await db.status()).records, 1);
  assert.deepEqual(await db.edges(id), [{ source: id, label: "to", target: "b", key: "k", data: { w: 1 } }]);
  assert.equal((await failure(kept.get("b"))).code, "ended");

  const oops = new Error("oops");
  const thrown = await db
    .transaction((tx) => {
      tx.delete("b");
      throw oops;
    })
    .catch((error) => error);
  assert.equal(thrown, oops);
  assert.ok(await db.get("b"));
  assert.equal((await db.status()).records, 1);
});

test("writes inside a transaction through the database say what to use", async () => {
  const db = await fresh();
  let inner;
  await db.transaction(() => {
    inner = db.put({ id: "a", type: "T", data: {} });
  });
  const error = await failure(inner);
  assert.equal(error.code, "in-transaction");
  assert.ok(error.hint);
});

test("a transaction may await, and other writes wait for its end in their order", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { n: 1 } });
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  const double = () =>
    db.transaction(async (tx) => {
      const { n } = (await tx.get("a")).data;
      await pause();
      await tx.patch("a", { n: n * 2 });
    });
  await Promise.all([double(), double(), db.increment("a", "n", 1), double(), db.importJsonl('{"id":"b","type":"T","data":{}}')]);
  assert.equal((await db.get("a")).data.n, 10);
  assert.equal((await db.list()).length, 2);
});

test("a transaction that does nothing is undone once others have waited ten seconds for it, and not before", async (t) => {
  const db = await fresh();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  // From here the steps add up to a hair less than they are: a timer for that hair would ring at once, for ever.
  let now = 717.6114944735418;
  t.mock.method(performance, "now", () => now);
  // In steps: a timer that is set meanwhile is due from the end of the step on.
  const pass = (ms) => {
    for (let passed = 0; passed < ms; passed += 500) {
      now += 500;
      t.mock.timers.tick(500);
    }
  };
  for (const [alone, waited, code] of [[55_000, 9_000, undefined], [0, 9_000, undefined], [55_000, 10_500, "in-transaction"]]) {
    let go;
    const going = new Promise((resolve) => { go = resolve; });
    const done = db.transaction(async (tx) => {
      await going;
      await tx.put({ id: "a", type: "T", data: {} });
    }).then(() => undefined, (error) => error.code);
    await db.status();
    pass(alone);
    const other = db.put({ id: "b", type: "T", data: {} });
    pass(waited);
    go();
    assert.equal(await done, code, `${alone} ${waited}`);
    await other;
  }
  t.mock.timers.reset();
  await db.close();
});

test("a step that failed unseen undoes its transaction; one that was caught does not", async () => {
  const db = await fresh();
  const unseen = db.transaction((tx) => {
    tx.put({ id: "a", type: "T", data: {} });
    tx.patch("none", { a: 1 });
  });
  assert.equal((await failure(unseen)).code, "not-found");
  assert.equal(await db.get("a"), null);
  await db.transaction(async (tx) => {
    tx.put({ id: "a", type: "T", data: {} });
    await assert.rejects(tx.patch("none", { a: 1 }), { code: "not-found" });
  });
  assert.ok(await db.get("a"));
});

test("a database that is closed ends its transactions, and what waits for them", async () => {
  const db = await fresh();
  let begun;
  const ready = new Promise((resolve) => (begun = resolve));
  const open = db.transaction(async (tx) => {
    tx.put({ id: "a", type: "T", data: {} });
    begun();
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
  await ready;
  const failures = Promise.all([failure(open), failure(db.put({ id: "b", type: "T", data: {} }))]);
  await db.close();
  assert.deepEqual((await failures).map(({ code }) => code), ["ended", "closed"]);
});

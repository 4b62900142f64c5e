// Live queries of the npm package: what a listener is told, and when.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PluresError, open } from "pluresdb";

const task = (id, owner, rank = 0) => ({ id, type: "Task", data: { owner, rank } });

/** Follows a live query; `events` are what it told. */
async function follow(sql, params) {
  const db = await open("memory://");
  await db.transaction((tx) => {
    for (const [id, owner, rank] of [["a", "ada", 1], ["b", "ada", 2], ["c", "bob", 3]]) {
      tx.put(task(id, owner, rank));
    }
  });
  const events = [];
  const live = db.live(sql, params, (event) => events.push(event));
  return { db, events, live };
}

const turn = () => new Promise((resolve) => { setTimeout(resolve, 0); });

test("a live query without parameters needs none", async () => {
  const db = await open("memory://");
  const notes = await db.type("Note", { stars: { type: "integer" } });
  await notes.put({ stars: 3 }, { id: "a" });
  await db.saveQuery({ name: "all", sql: "SELECT id FROM Note" });
  const told = [];
  const listener = (name) => ({ rows, error }) => told.push(`${name} ${error?.code ?? rows.length}`);
  const live = [
    db.live("SELECT id FROM Note", listener("live")),
    db.liveSaved("all", listener("saved")),
    notes.live(listener("all")),
    notes.live("stars > 3", listener("more")),
    notes.live("stars > ?", [2], listener("some")),
  ];
  assert.deepEqual(told, ["live 1", "saved 1", "all 1", "more 0", "some 1"]);
  for (const each of live) each.stop();
  await db.close();
});

test("a listener has the rows at once and hears of each commit that changes them", async () => {
  const { db, events, live } = await follow("SELECT id, rank FROM Task WHERE owner = ?1 ORDER BY rank", ["ada"]);
  assert.deepEqual(events[0].rows, [{ id: "a", rank: 1 }, { id: "b", rank: 2 }]);
  assert.equal(events[0].added.length, 2);

  await db.put(task("d", "ada", 0));
  assert.deepEqual(events[1].added, [{ at: 0, row: { id: "d", rank: 0 } }]);
  assert.deepEqual(events[1].rows.map((row) => row.id), ["d", "a", "b"]);
  // Rows that did not change are the same objects.
  assert.equal(events[1].rows[1], events[0].rows[0]);

  await db.patch("b", { rank: -1 });
  assert.deepEqual(events[2].changed, [{ at: 0, row: { id: "b", rank: -1 }, old: { id: "b", rank: 2 } }]);
  assert.deepEqual(events[2].moved.map(({ from, to }) => [from, to]), [[2, 0]]);

  await db.put(task("c", "bob", 7));
  await db.delete("a");
  assert.deepEqual(events[3].removed, [{ at: 2, row: { id: "a", rank: 1 } }]);
  assert.equal(events.length, 4);
  assert.equal(live.rows, events[3].rows);

  live.stop();
  live.stop();
  await db.delete("b");
  assert.equal(events.length, 4);
  await db.close();
});

test("writes of one turn are told together", async () => {
  const { db, events } = await follow("SELECT id FROM Task", undefined);
  const writes = Array.from({ length: 50 }, (_, n) => db.put(task(`n${n}`, "eve")));
  await Promise.all(writes);
  assert.equal(events.length, 2);
  assert.equal(events[1].added.length, 50);
  await db.close();
});

test("a transaction that fails tells nothing", async () => {
  const { db, events } = await follow("SELECT id FROM Task", undefined);
  const failed = db.transaction((tx) => {
    tx.put(task("x", "ada"));
    throw new Error("no");
  });
  await assert.rejects(failed, /no/);
  await turn();
  assert.equal(events.length, 1);
  await db.close();
});

test("a listener may write, and hears of it afterwards", async () => {
  const { db, events } = await follow("SELECT count(*) AS n FROM Task", undefined);
  db.live("SELECT id FROM Task WHERE owner = 'eve'", undefined, ({ added }) => {
    for (const { row } of added) void db.put(task(`copy of ${row.id}`, "mallory"));
  });
  await db.put(task("e", "eve"));
  await turn();
  assert.deepEqual(events.map((event) => event.rows[0].n), [3, 4, 5]);
  await db.close();
});

test("what a listener writes and subscribes to is told behind what others are yet to be told", async () => {
  const db = await open("memory://");
  await db.defineType({ name: "Task", fields: {} });
  const told = [];
  let telling = 0;
  const follow = (name, then = () => undefined) =>
    db.live("SELECT id FROM Task ORDER BY id", undefined, ({ rows }) => {
      telling += 1;
      told.push([name, rows.map(({ id }) => id).join(""), telling]);
      then(rows);
      telling -= 1;
    });
  follow("first", (rows) => {
    if (rows.length !== 1) return;
    void db.put(task("b", "eve"));
    follow("third");
  });
  follow("second");
  await db.put(task("a", "eve"));
  await turn();
  // The last number: nobody is told while a listener still runs.
  assert.deepEqual(told, [
    ["first", "", 1],
    ["second", "", 1],
    ["first", "a", 1],
    ["second", "a", 1],
    ["first", "ab", 1],
    ["second", "ab", 1],
    ["third", "ab", 1],
  ]);
  await db.close();
});

test("a statement that is wrong is told as an error of its live query", async () => {
  const db = await open("memory://");
  for (const [sql, code] of [["SELECT * FROM Nothing", "sql"], ["DELETE FROM nodes", "sql-read-only"]]) {
    const events = [];
    const live = db.live(sql, undefined, (event) => events.push(event));
    assert.equal(events.length, 1);
    assert.ok(events[0].error instanceof PluresError);
    assert.equal(events[0].error.code, code);
    assert.deepEqual(live.rows, []);
    live.stop();
  }
  await db.close();
});

test("a statement over a type that has no node yet runs from its first one on", async () => {
  const db = await open("memory://");
  const told = [];
  const hear = ({ rows, error }) => told.push(error?.code ?? rows.map(({ id }) => id).join());
  const live = db.live("SELECT id FROM Task WHERE owner = ? ORDER BY id", ["ada"], hear);
  const stopped = db.live("SELECT id FROM Task", hear);
  stopped.stop();
  await db.put({ id: "other", type: "Place", data: {} });
  assert.deepEqual(told, ["sql", "sql"]);
  told.length = 0;
  await db.put(task("a", "ada"));
  await db.put(task("b", "ada"));
  await db.put(task("c", "bob"));
  assert.deepEqual(told, ["a", "a,b"]);
  assert.deepEqual(live.rows, [{ id: "a" }, { id: "b" }]);
  live.stop();
  await db.put(task("d", "ada"));
  assert.equal(told.length, 2);

  const saved = [];
  db.liveSaved("mine", ({ rows, error }) => saved.push(error?.code ?? rows.length));
  await db.saveQuery({ name: "mine", sql: "SELECT id FROM Task" });
  assert.deepEqual(saved.slice(1), [4]);
  await db.close();
});

test("columns that a type gets later are in the rows of SELECT *", async () => {
  const { db, events } = await follow("SELECT * FROM Task WHERE owner = 'bob'", undefined);
  await db.put({ id: "e", type: "Task", data: { owner: "eve", extra: true } });
  assert.equal(events.length, 2);
  assert.equal(events[1].rows[0].extra, null);
  assert.ok(!("extra" in events[0].rows[0]));
  await db.close();
});

test("a closed database tells nothing more", async () => {
  const { db, events } = await follow("SELECT id FROM Task", undefined);
  const written = db.put(task("x", "ada"));
  await db.close();
  await written.catch(() => undefined);
  await turn();
  assert.ok(events.length <= 2);
});

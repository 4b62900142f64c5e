// Facets, saved queries and live answers of the npm package.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PluresError, open } from "pluresdb";

const task = (id, owner, tags = []) => ({ id, type: "Task", data: { owner, tags, title: `Task of ${owner}` } });

async function tasks() {
  const db = await open("memory://");
  await db.transaction((tx) => {
    tx.put(task("a", "ada", ["x", "y"]));
    tx.put(task("b", "bob", ["x", true]));
    tx.put(task("c", "ada"));
  });
  return db;
}

const turn = () => new Promise((resolve) => { setTimeout(resolve, 0); });
const fails = (promise, code) =>
  assert.rejects(promise, (error) => error instanceof PluresError && error.code === code);

test("facets are counted with a condition, a search and what was chosen", async () => {
  const db = await tasks();
  const fields = ["owner", ["tags"]];
  const chosen = [{ field: "owner", values: ["ada"] }];
  assert.deepEqual(await db.facets({ type: "Task", fields, chosen, limit: 1 }), {
    total: 2,
    facets: [
      { field: "owner", values: [{ value: "ada", count: 2 }], more: true },
      { field: "tags", values: [{ value: "x", count: 1 }], more: true },
    ],
  });
  const found = await db.facets({ type: "Task", fields, where: "id > ?", params: ["a"], search: "bob" });
  assert.equal(found.total, 1);
  assert.deepEqual(found.facets[1].values, [{ value: true, count: 1 }, { value: "x", count: 1 }]);
  assert.equal((await db.facets({ fields: [] })).total, 3);
  await fails(db.facets({ fields: ['a"b'] }), "bad-option");
  await fails(db.facets({ fields, where: "1) OR (1" }), "sql");
  await fails(db.facets({ fields, params: { a: 1 } }), "bad-parameter");
  await db.close();
});

test("a saved query runs by its name, with defaults, and live", async () => {
  const db = await tasks();
  const sql = "SELECT id FROM Task WHERE owner = :owner";
  await db.saveQuery({ name: "mine", sql, params: { owner: "ada" } });
  assert.deepEqual(await db.savedQueries(), [{ name: "mine", sql, params: { owner: "ada" }, description: "" }]);
  assert.deepEqual(await db.runSaved("mine"), [{ id: "a" }, { id: "c" }]);
  assert.deepEqual(await db.runSaved("mine", { owner: "bob" }), [{ id: "b" }]);
  const told = [];
  const live = db.liveSaved("mine", { owner: "bob" }, ({ rows }) => told.push(rows.length));
  await db.put(task("d", "bob"));
  await db.put(task("e", "ada"));
  assert.deepEqual(told, [1, 2]);
  live.stop();
  await fails(db.saveQuery({ name: "wrong", sql: "SELECT * FROM Nothing" }), "sql");
  await fails(db.saveQuery({ name: "wrong", sql: "DELETE FROM Task" }), "sql-read-only");
  await fails(db.runSaved("mine", { nobody: 1 }), "sql");
  assert.equal(await db.removeQuery("mine"), true);
  assert.equal(await db.removeQuery("mine"), false);
  await fails(db.runSaved("mine"), "not-found");
  await db.close();
});

test("a live answer is told where it differs, one question at a time", async () => {
  const db = await tasks();
  const told = [];
  let asked = 0;
  const live = db.liveAnswer(
    async (db) => {
      asked += 1;
      const { nodes } = await db.traverse("a");
      return { found: (await db.search("ada")).length, near: nodes.map(({ id }) => id) };
    },
    ({ answer, error }) => told.push(error?.code ?? `${answer.found} ${answer.near}`),
  );
  await turn();
  await db.link({ source: "a", label: "before", target: "b" });
  await turn();
  await db.put(task("d", "bob"));
  await turn();
  assert.deepEqual(told, ["2 a", "2 a,b"]);
  assert.equal(asked, 3);
  assert.deepEqual(live.answer, { found: 2, near: ["a", "b"] });
  await Promise.all(Array.from({ length: 50 }, (_, n) => db.put(task(`n${n}`, "ada"))));
  await turn();
  assert.equal(told.at(-1), "20 a,b");
  assert.ok(asked < 10, `asked ${asked} times`);
  await db.delete("a");
  await turn();
  assert.equal(told.at(-1), "not-found");
  live.stop();
  await db.put(task("a", "ada"));
  await turn();
  assert.equal(told.at(-1), "not-found");
  await db.close();
});

test("live queries take parameters by name", async () => {
  const db = await tasks();
  const told = [];
  db.live("SELECT id FROM Task WHERE owner = $who", { who: "bob" }, ({ rows }) => told.push(rows.length));
  await db.put(task("d", "bob"));
  assert.deepEqual(told, [1, 2]);
  db.live("SELECT :a", { b: 1 }, ({ error }) => told.push(error.code));
  assert.equal(told.at(-1), "sql");
  await db.close();
});

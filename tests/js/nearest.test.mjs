// Search by nearness in Node: vectors of every spelling, conditions, texts, live queries, and what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PluresError, open } from "pluresdb";

const place = {
  name: "Place",
  fields: {
    at: { kind: "vector", dimension: 2, metric: "l2" },
    name: { type: "string" },
    meaning: { kind: "vector", dimension: 2, embed_from: ["name"] },
  },
};

async function places() {
  const db = await open("memory://");
  await db.defineType(place);
  await db.put({ id: "bar", type: "Place", data: { at: [0, 0], name: "bar" } });
  await db.put({ id: "inn", type: "Place", data: { at: new Float32Array([3, 4]), name: "long name" } });
  await db.put({ id: "zoo", type: "Place", data: { at: [6, 8], name: "a longer name" } });
  return db;
}

/** As long as the text. */
const lengths = {
  model: "lengths",
  dimension: 2,
  embed: async (texts) => texts.map((text) => (text.trim() === "" ? null : [text.length, 10])),
};

const ids = (hits) => hits.map(({ node }) => node.id);

const failure = (promise) =>
  promise.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );

test("a vector is a Float32Array or an array, where it is written and where it is sought", async () => {
  const db = await places();
  assert.deepEqual((await db.get("inn")).data.at, [3, 4]);
  await db.put({ id: "short", type: "Other", data: { at: Float32Array.of(0.1, -2) } });
  assert.deepEqual((await db.get("short")).data.at, [0.1, -2]);
  for (const to of [[3, 4.5], new Float32Array([3, 4.5])]) {
    const hits = await db.nearest("Place", "at", to);
    assert.deepEqual(ids(hits), ["inn", "zoo", "bar"]);
    assert.equal(hits[0].score, -0.5);
  }
  await db.patch("bar", { at: Float32Array.of(3, 4.5) });
  await db.delete("inn");
  assert.deepEqual(ids(await db.nearest("Place", "at", [3, 4.5])), ["bar", "zoo"]);
});

test("among thousands the nearest are found, whole and filtered, as comparing with each finds them", async () => {
  const db = await open("memory://", { textIndex: false });
  const [count, dimension] = [5_000, 100];
  await db.defineType({ name: "Dot", fields: { at: { kind: "vector", dimension, metric: "l2" } } });
  let seed = 7;
  const number = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const vector = () => Float32Array.from({ length: dimension }, number);
  const dots = Array.from({ length: count }, (_, n) => ({ id: `dot-${n}`, at: vector(), odd: n % 2 === 1 }));
  for (let at = 0; at < count; at += 100) {
    await db.transaction((tx) => {
      for (const { id, ...data } of dots.slice(at, at + 100)) tx.put({ id, type: "Dot", data });
    });
  }
  const distance = (one, other) => one.reduce((sum, number, place) => sum + (number - other[place]) ** 2, 0);
  const nearest = (query, among) =>
    among.toSorted((one, other) => distance(one.at, query) - distance(other.at, query)).slice(0, 5).map(({ id }) => id);
  for (let round = 0; round < 5; round += 1) {
    const query = vector();
    assert.deepEqual(ids(await db.nearest("Dot", "at", query, { limit: 5 })), nearest(query, dots));
    const odd = await db.nearest("Dot", "at", query, { limit: 5, where: "odd" });
    assert.deepEqual(ids(odd), nearest(query, dots.filter((dot) => dot.odd)));
  }
});

test("conditions take values, by place and by name", async () => {
  const db = await places();
  const near = (options) => db.nearest("Place", "at", [0, 0], options).then(ids);
  assert.deepEqual(await near({ limit: 1 }), ["bar"]);
  assert.deepEqual(await near({ where: "name LIKE '%name'" }), ["inn", "zoo"]);
  assert.deepEqual(await near({ where: "id > ?", params: ["inn"] }), ["zoo"]);
  assert.deepEqual(await near({ where: "id = :id OR name = :id", params: { id: "bar" } }), ["bar"]);
});

test("what is like a node, and what is like a text, is found", async () => {
  const db = await places();
  assert.deepEqual(ids(await db.nearest("Place", "at", { id: "zoo" }, { limit: 1 })), ["inn"]);
  await db.embed(lengths);
  const text = { text: "some name", embedder: lengths };
  assert.deepEqual(ids(await db.nearest("Place", "meaning", text, { limit: 1 })), ["inn"]);
  assert.deepEqual(await db.nearest("Place", "meaning", { text: " ", embedder: lengths }), []);
  assert.deepEqual(ids(await db.search("some name", { mode: "meaning", embedder: lengths, limit: 1 })), ["inn"]);
});

test("statements and live queries search too", async () => {
  const db = await places();
  const sql = "SELECT id FROM vsearch('Place', 'at', ?, 1)";
  const params = [Float32Array.of(1, 1)];
  assert.deepEqual(await db.query(sql, params), [{ id: "bar" }]);
  const told = [];
  const live = db.live(sql, params, ({ rows }) => told.push(rows[0].id));
  await db.put({ id: "new", type: "Place", data: { at: [1, 1] } });
  await new Promise((resolve) => setTimeout(resolve, 20));
  live.stop();
  assert.deepEqual(told, ["bar", "new"]);
});

test("what is no vector is refused with a code", async () => {
  const db = await places();
  const refused = async (promise, code, says) => {
    const error = await failure(promise);
    assert.ok(error instanceof PluresError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, says);
  };
  await refused(db.nearest("Place", "at", [1]), "bad-vector", /2 numbers, and this one 1/);
  await refused(db.nearest("Place", "at", [1, Number.NaN]), "bad-vector", /number 1/);
  await refused(db.nearest("Place", "at", [1, "x"]), "bad-vector", /number 1/);
  await refused(db.nearest("Place", "at", 7), "bad-vector", /found a number/);
  await refused(db.nearest("Place", "name", [1, 2]), "no-vector-field", /but at, meaning/);
  await refused(db.nearest("Place", "at", { id: "nobody" }), "not-found", /nobody/);
  await refused(db.nearest("Place", "at", [1, 2], { where: "nothing" }), "sql", /nothing/);
  await refused(db.nearest("Place", "at", [1, 2], { limit: -1 }), "bad-option", /^limit: .*found -1/);
  const put = (at) => db.put({ id: "x", type: "Place", data: { at } });
  await refused(put([1]), "invalid", /2 numbers/);
  await refused(put([1, 2e15]), "invalid", /at most 1e15/);
  await refused(put(Float32Array.of(1, Number.NaN)), "bad-value", /at.*NaN/);
});

// Questions about the graph in Node: options, answers, what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PluresError, open } from "pluresdb";

/** `a -> b -> c -> a`, `c -> d`, and `x` alone; `d` is a Town, all else are Stops. */
async function ring() {
  const db = await open("memory://");
  await db.transaction((tx) => {
    for (const id of ["a", "b", "c", "x"]) tx.put({ id, type: "Stop", data: {} });
    tx.put({ id: "d", type: "Town", data: { size: 7 } });
    tx.link({ source: "a", label: "next", target: "b", data: { km: 2 } });
    tx.link({ source: "b", label: "next", target: "c", data: { km: 2.5 } });
    tx.link({ source: "c", label: "next", target: "a", data: { km: 1 } });
    tx.link({ source: "c", label: "road", target: "d", data: { km: 0 } });
  });
  return db;
}

const ids = ({ nodes }) => nodes.map(({ id }) => id).join("");

test("a traversal tells each node once, with its path and last edge", async () => {
  const db = await ring();
  const all = await db.traverse("a");
  assert.equal(ids(all), "abcd");
  assert.deepEqual([all.complete, all.stopped], [true, null]);
  assert.deepEqual(all.nodes[3], {
    id: "d",
    depth: 3,
    path: ["a", "b", "c", "d"],
    edge: { source: "c", label: "road", target: "d", key: "" },
  });
  assert.equal(all.nodes[0].edge, null);
  assert.equal(ids(await db.traverse("d", { direction: "in" })), "dcba");
  assert.equal(ids(await db.traverse("a", { labels: ["next"] })), "abc");
  assert.equal(ids(await db.traverse("a", { labels: "next", depth: 1 })), "ab");
  assert.equal(ids(await db.traverse("a", { types: "Stop", where: "id <> 'c'" })), "ab");
  const cut = await db.traverse("a", { maxNodes: 2 });
  assert.deepEqual([ids(cut), cut.complete, cut.stopped], ["ab", false, "nodes"]);
  assert.equal((await db.traverse("a", { maxEdges: 1 })).stopped, "edges");
});

test("neighbours tell the edge between", async () => {
  const db = await ring();
  const { neighbours } = await db.neighbours("c", { direction: "both", labels: "next" });
  assert.deepEqual(neighbours, [
    { id: "a", label: "next", key: "", direction: "out" },
    { id: "b", label: "next", key: "", direction: "in" },
  ]);
  assert.equal((await db.neighbours("c", { limit: 1 })).stopped, "nodes");
});

test("a way is the shortest, or the cheapest, or not there", async () => {
  const db = await ring();
  await db.link({ source: "a", label: "ferry", target: "d", data: { km: 30 } });
  assert.deepEqual((await db.shortestPath("a", "d")).route, {
    nodes: ["a", "d"],
    edges: [{ source: "a", label: "ferry", target: "d", key: "" }],
    weights: [1],
    cost: 1,
  });
  const { route } = await db.shortestPath("a", "d", { weight: "km" });
  assert.deepEqual([route.nodes.join(""), route.weights, route.cost], ["abcd", [2, 2.5, 0], 4.5]);
  assert.deepEqual(await db.shortestPath("a", "x"), { route: null, complete: true, stopped: null });
});

test("a subgraph, components and ranks have what hangs together", async () => {
  const db = await ring();
  const part = await db.subgraph("c");
  assert.equal(ids(part), "cad");
  assert.deepEqual(part.nodes[2].data, { size: 7 });
  assert.deepEqual(part.edges.map(({ source, target }) => source + target), ["ca", "cd"]);
  assert.equal((await db.subgraph(["a", "b"], { depth: 0 })).edges.length, 1);
  assert.deepEqual((await db.components()).components, [["a", "b", "c", "d"], ["x"]]);
  const { ranks, converged, iterations } = await db.pagerank({ damping: 0.5 });
  assert.ok(converged && iterations > 1);
  assert.equal(ranks.at(-1).id, "x");
  assert.ok(Math.abs(ranks.reduce((sum, { rank }) => sum + rank, 0) - 1) < 1e-9);
});

test("the graph is a table in SQL, and what is deleted is not in it", async () => {
  const db = await ring();
  const sql = "SELECT group_concat(n.id, '') AS ids FROM traverse(?1) AS t JOIN nodes AS n ON n.id = t.id";
  assert.deepEqual(await db.query(sql, ["a"]), [{ ids: "abcd" }]);
  await db.delete("c");
  assert.deepEqual(await db.query(sql, ["a"]), [{ ids: "ab" }]);
  assert.equal(ids(await db.traverse("a")), "ab");
});

test("what cannot be asked is refused with what may be", async () => {
  const db = await ring();
  for (const [question, code, wanted] of [
    [db.traverse("nothing"), "not-found", "nothing"],
    [db.traverse("a", { direction: "up" }), "bad-option", "give 'out', 'in' or 'both'"],
    [db.traverse("a", { labels: 3 }), "bad-option", "labels: expected a text or an array of texts, found 3"],
    [db.traverse("a", { depth: -1 }), "bad-option", "depth: expected a whole number"],
    [db.traverse("a", { where: "sise = 1" }), "sql", "no such column: sise"],
    [db.shortestPath("a", "b", { weight: "miles" }), "bad-weight", "miles"],
    [db.pagerank({ damping: 1 }), "bad-option", "damping"],
    [db.query("SELECT * FROM traverse('a', 'far')"), "bad-option", "depth"],
  ]) {
    const error = await question.then(() => assert.fail("it was not refused"), (error) => error);
    assert.ok(error instanceof PluresError, String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.includes(wanted), error.message);
  }
});

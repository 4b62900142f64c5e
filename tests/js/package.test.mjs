// The npm package in Node, in memory: what the engine and the bindings promise without a browser.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { PluresError, open } from "pluresdb";

const fresh = () => open("memory://");

async function failure(promise) {
  const error = await promise.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );
  assert.ok(error instanceof PluresError, String(error));
  return error;
}

test("every kind of value comes back as it was written", async () => {
  const db = await fresh();
  const data = {
    nothing: null,
    truth: true,
    whole: -7,
    part: 0.1,
    minusZero: -0,
    largest: Number.MAX_SAFE_INTEGER,
    beyond: 2n ** 62n,
    text: "Ünïcødé 🦀 \0",
    bytes: new Uint8Array([0, 255]),
    list: [1, "a", [null], { deep: [{}] }],
    object: { "a.b": 1, "": 2, empty: {} },
    ["__proto__"]: { own: true },
  };
  await db.put({ id: "a", type: "All", data });
  const node = await db.get("a");
  assert.deepEqual(node.data, data);
  assert.ok(Object.is(node.data.minusZero, -0));
  assert.equal(Object.getPrototypeOf(node.data), Object.prototype);
  assert.equal(node.type, "All");
  assert.ok(Math.abs(node.updated - Date.now()) < 60_000);
});

test("what cannot be stored is refused with its path, and nothing is written", async () => {
  const db = await fresh();
  const cycle = {};
  cycle.again = cycle;
  const bad = {
    "list.1.x": { list: [0, { x: NaN }] },
    "a.b": { a: { b: () => 1 } },
    symbol: { symbol: Symbol("s") },
    "when.0": { when: [new Date()] },
    map: { map: new Map() },
    huge: { huge: 2n ** 64n },
    half: { half: "\ud800" },
    "again.again": cycle,
    data: [],
  };
  for (const [path, data] of Object.entries(bad)) {
    const error = await failure(db.put({ id: "x", type: "Bad", data }));
    assert.equal(error.code, "bad-value", path);
    assert.ok(error.message.startsWith(path), error.message);
  }
  assert.equal((await db.status()).records, 0);
});

test("a patch merges objects, removes what is undefined and replaces the rest", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { keep: 1, drop: 2, inner: { keep: 3, drop: 4 }, list: [1, 2] } });
  await db.patch("a", { drop: undefined, inner: { drop: undefined, more: { deep: 5 } }, list: [3], empty: {} });
  assert.deepEqual((await db.get("a")).data, {
    keep: 1,
    inner: { keep: 3, more: { deep: 5 } },
    list: [3],
    empty: {},
  });
  assert.equal((await failure(db.patch("none", { a: 1 }))).code, "not-found");
});

test("a transaction is one record, reads its own writes, and is undone by a throw", async () => {
  const db = await fresh();
  let kept;
  const id = await db.transaction((tx) => {
    kept = tx;
    const id = tx.put({ type: "A", data: { n: 1 } });
    tx.patch(id, { n: 2 });
    tx.put({ id: "b", type: "B", data: {} });
    tx.link({ source: id, label: "to", target: "b", key: "k", data: { w: 1 } });
    assert.equal(tx.get(id).data.n, 2);
    return id;
  });
  assert.equal((await db.status()).records, 1);
  assert.deepEqual(await db.edges(id), [{ source: id, label: "to", target: "b", key: "k", data: { w: 1 } }]);
  assert.throws(() => kept.get("b"), { code: "ended" });

  const oops = new Error("oops");
  const thrown = await db
    .transaction((tx) => {
      tx.delete("b");
      throw oops;
    })
    .catch((error) => error);
  assert.equal(thrown, oops);
  assert.equal((await failure(db.transaction(async () => 1))).code, "async-transaction");
  assert.ok(await db.get("b"));
  assert.equal((await db.status()).records, 1);
});

test("reads inside a transaction through the database say what to use", async () => {
  const db = await fresh();
  let inner;
  await db.transaction(() => {
    inner = db.get("a");
  });
  const error = await failure(inner);
  assert.equal(error.code, "in-transaction");
  assert.ok(error.hint);
});

test("SQL gives rows as objects and as a table, and takes parameters of every kind", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "City", data: { name: "Ulm", people: 126_405 } });
  assert.deepEqual(await db.query("SELECT name, people FROM City"), [{ name: "Ulm", people: 126_405 }]);
  const table = await db.table("SELECT ?1 AS x, ?2 AS x, ?3, typeof(?4), ?5 AS n, ?6", [
    null, true, 2n ** 60n, 1.5, "t", new Uint8Array([9]),
  ]);
  assert.deepEqual(table.columns, ["x", "x", "?3", "typeof(?4)", "n", "?6"]);
  assert.deepEqual(table.rows, [[null, 1, 2n ** 60n, "real", "t", new Uint8Array([9])]]);
  assert.equal((await failure(db.query("SELEC"))).code, "sql");
  assert.match((await failure(db.query("SELECT ?", [{}]))).message, /^parameter 1: /);
});

test("edges of both directions come out first, then in", async () => {
  const db = await fresh();
  for (const id of ["a", "b"]) await db.put({ id, type: "T", data: {} });
  await db.link({ source: "a", label: "x", target: "b" });
  await db.link({ source: "b", label: "y", target: "a" });
  const labels = async (options) => (await db.edges("a", options)).map(({ label }) => label);
  assert.deepEqual(await labels(), ["x"]);
  assert.deepEqual(await labels({ direction: "in" }), ["y"]);
  assert.deepEqual(await labels({ direction: "both" }), ["x", "y"]);
  assert.deepEqual(await labels({ direction: "both", limit: 1 }), ["x"]);
  assert.equal(await db.unlink({ source: "a", label: "x", target: "b" }), true);
  assert.equal(await db.unlink({ source: "a", label: "x", target: "b" }), false);
});

test("an import reads any cut of its text, and an export reads back to the same state", async () => {
  const db = await fresh();
  const text = Array.from({ length: 500 }, (_, n) =>
    [
      JSON.stringify({ id: `n${n}`, type: "T", data: { text: "x".repeat(n) } }),
      JSON.stringify({ source: `n${n}`, label: "next", target: `n${(n + 1) % 500}` }),
    ].join("\n"),
  ).join("\r\n");
  async function* pieces() {
    for (let at = 0; at < text.length; at += 777) yield text.slice(at, at + 777);
  }
  const progress = await db.importJsonl(pieces());
  assert.deepEqual(progress, { done: text.length, nodes: 500, edges: 500 });

  const copy = await open("memory://", { space: db.space });
  const exported = db.exportJsonl();
  await copy.importJsonl(exported);
  for (const sql of ["SELECT id, data FROM nodes ORDER BY id", "SELECT * FROM edges ORDER BY source"]) {
    assert.deepEqual(await copy.query(sql), await db.query(sql));
  }
  assert.equal((await copy.status()).edges, 500);
});

test("a faulty line is named by its number, and the lines before it stay", async () => {
  const db = await fresh();
  const lines = Array.from({ length: 3000 }, (_, n) => JSON.stringify({ id: `n${n}`, type: "T", data: { n } }));
  lines[2500] = '{"id": 7}';
  const error = await failure(db.importJsonl(lines.join("\n")));
  assert.equal(error.code, "import");
  assert.match(error.message, /^line 2501: /);
  assert.ok((await db.status()).nodes > 0);
});

test("a stream that is not read to its end is cancelled", async () => {
  const db = await fresh();
  let cancelled = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue('{"id":"a","type":"T","data":{}}\n'.repeat(2000)),
    cancel: () => {
      cancelled = true;
    },
  });
  Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined });
  const stop = new AbortController();
  const outcome = db.importJsonl(stream, { signal: stop.signal, onProgress: () => stop.abort() });
  await assert.rejects(outcome, { name: "AbortError" });
  assert.ok(cancelled);
});

test("changes are told once for each commit, with the ids, until the listener is removed", async () => {
  const db = await fresh();
  const seen = [];
  const end = db.onChange(({ origin, nodes }) => seen.push({ origin, nodes: nodes.sort() }));
  await db.put({ id: "a", type: "T", data: {} });
  await db.put({ id: "a", type: "T", data: {} });
  await db.transaction((tx) => {
    tx.put({ id: "b", type: "T", data: {} });
    tx.link({ source: "a", label: "l", target: "b" });
  });
  end();
  await db.delete("a");
  assert.deepEqual(seen, [
    { origin: "local", nodes: ["a"] },
    { origin: "local", nodes: ["a", "b"] },
  ]);
});

test("an image opens as an equal database with an actor of its own", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { text: "words to find" } });
  const copy = await open("memory://", { image: await db.image() });
  assert.equal(await copy.stateHash(), await db.stateHash());
  assert.equal(copy.space, db.space);
  assert.notEqual(copy.actor, db.actor);
  assert.equal((await copy.search("find"))[0].node.id, "a");
  assert.equal((await failure(open("memory://", { image: new Uint8Array(100) }))).code, "not-a-database");
});

test("what cannot be opened says what can", async () => {
  assert.equal((await failure(open("idb://notes"))).code, "no-indexeddb");
  assert.match((await failure(open("idb://notes"))).hint, /memory:\/\/.*command line/);
  assert.equal((await failure(open("notes.pluresdb"))).code, "bad-url");
  assert.equal((await failure(open("idb://"))).code, "bad-url");
  assert.equal((await failure(open("memory://", { space: "12" }))).code, "bad-space");
});

test("a closed database says so", async () => {
  const db = await fresh();
  await db.close();
  await db.close();
  assert.equal((await failure(db.get("a"))).code, "closed");
});

test("importing the package does nothing, also where neither browser nor Node is recognised", () => {
  const script = `
    for (const name of ["fetch", "WebAssembly", "setTimeout", "MessageChannel", "BroadcastChannel"])
      Object.defineProperty(globalThis, name, { get() { throw new Error(name + " was touched"); } });
    await import(process.argv[1]);
    console.log("nothing happened");`;
  for (const entry of ["index.js", "node.js"]) {
    const url = new URL(`../../wasm/dist/${entry}`, import.meta.url).href;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script, url], {
      encoding: "utf8",
    });
    assert.equal(stdout.trim(), "nothing happened", stderr);
  }
});

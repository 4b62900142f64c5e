// The npm package in Node, in memory: what the engine and the bindings promise without a browser.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { open } from "pluresdb";
import * as Y from "yjs";
import { failure } from "./lib/failure.mjs";

const fresh = () => open("memory://");

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

test("each value alone reads as it was written, from one node and from a list", async () => {
  const db = await fresh();
  const values = [
    null, true, -7, 0.1, -0, 1e300, 5e-324, 1.7976931348623157e308, 0.1234567890123456, -1234567.125,
    Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 53, 2n ** 53n + 1n, -(2n ** 63n), 2 ** 60 + 2 ** 20, 1e21,
    "", "\0\"\\/\b\u2028💡", '"$bytes"', "1234567890123456", "a 1234567890123456789 b", "__proto__",
    new Uint8Array(), new Uint8Array([0, 255]),
    [], [[[]]], [1, [2n ** 60n, new Uint8Array([1])]],
    {}, { "": { "": 0 } }, { 2: "b", 1: "a", a: 0 }, { ["__proto__"]: { own: true } }, { constructor: 1, toJSON: "text" },
  ];
  const rows = values.map((value, at) => ({ id: String(at).padStart(2, "0"), type: '"T"', data: { value } }));
  for (const row of rows) await db.put(row);
  const listed = await db.list();
  for (const [at, { id, data }] of rows.entries()) {
    const node = await db.get(id);
    assert.deepEqual(node, { id, type: '"T"', data, updated: node.updated });
    assert.ok(Object.is(node.data.value, data.value) || typeof data.value === "object", id);
    assert.deepEqual(listed[at], node);
    // A list without those that JSON does not tell as they are.
    assert.deepEqual(await db.list({ after: at === 0 ? "" : rows[at - 1].id, limit: 1 }), [node]);
  }
  assert.equal(await db.get("none"), null);
  assert.deepEqual(await db.list({ after: "~" }), []);
});

test("an id, type, label or statement that is no text, or has no UTF-8, is refused and not taken for another", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: {} });
  await db.put({ id: "\ufffd", type: "T", data: {} });
  const half = "\ud800";
  const none = "the text holds half of a surrogate pair, which UTF-8 has no bytes for";
  const asked = {
    id: [
      (id) => db.put({ id, type: "T", data: {} }),
      (id) => db.patch(id, { a: 1 }),
      (id) => db.get(id),
      (id) => db.delete(id),
      (id) => db.increment(id, "n"),
      (id) => db.fieldUpdate(id, "t", "text"),
      (id) => db.edges(id),
      (id) => db.history(id),
      (id) => db.getAsOf(id, 1),
      (id) => db.neighbours(id),
      (id) => db.transaction((tx) => tx.patch(id, { a: 1 })),
    ],
    type: [
      (type) => db.put({ id: "b", type, data: {} }),
      (type) => db.list({ type }),
      (type) => db.transaction((tx) => tx.put({ id: "b", type, data: {} })),
    ],
    label: [(label) => db.link({ source: "a", label, target: "a" }), (label) => db.edges("a", { label })],
    sql: [(sql) => db.query(sql), (sql) => db.exec(sql), (sql) => db.execScript(sql), (sql) => db.explain(sql)],
    text: [(text) => db.search(text)],
  };
  for (const [name, calls] of Object.entries(asked)) {
    for (const ask of calls) {
      const told = await failure(ask(half));
      assert.deepEqual([told.code, told.message], ["bad-value", `${name}: ${none}`], String(ask));
      const other = await failure(ask(7));
      const message = `${name}: expected a text, found a number`;
      assert.deepEqual([other.code, other.message], ["bad-value", message], String(ask));
    }
  }
  assert.deepEqual((await db.list()).map(({ id }) => id), ["a", "\ufffd"]);
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

test("what is no object, no listener, no option or no number is refused with its name", async () => {
  const db = await open("memory://");
  const refused = async (work, code, name) => {
    const error = await failure(Promise.resolve().then(work));
    assert.equal(error.code, code, `${name}: ${error}`);
    assert.match(error.message, new RegExp(`^${name}: `));
  };
  for (const given of [undefined, null, "a"]) {
    await refused(() => db.put(given), "bad-value", "node");
    await refused(() => db.link(given), "bad-value", "edge");
    await refused(() => db.unlink(given), "bad-value", "edge");
    await refused(() => db.transaction((tx) => tx.put(given)), "bad-value", "node");
  }
  await refused(() => db.transaction(), "bad-value", "body");
  await refused(() => db.live("SELECT 1", []), "bad-value", "listener");
  await refused(() => db.live("SELECT 1"), "bad-value", "listener");
  await refused(() => db.liveSaved("a", {}), "bad-value", "listener");
  await refused(() => db.liveAnswer(() => 1), "bad-value", "listener");
  await refused(() => db.onChange(), "bad-value", "listener");
  for (const limit of [-1, 1.5, "10", NaN, null]) {
    await refused(() => db.list({ limit }), "bad-option", "limit");
    await refused(() => db.edges("a", { limit }), "bad-option", "limit");
    await refused(() => db.violations({ limit }), "bad-option", "limit");
    await refused(() => db.search("a", { limit }), "bad-option", "limit");
  }
  await refused(() => db.edges("a", { direction: "up" }), "bad-option", "direction");
  // Else a word that is none would count as `relaxed`.
  await refused(() => open("memory://", { durability: "Strict" }), "bad-option", "durability");
  await refused(() => db.transaction(() => 1, { durability: "Strict" }), "bad-option", "durability");
  await refused(() => open("memory://", { undo: -1 }), "bad-option", "undo");
  await db.close();
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

test("counters, sets, texts and lists are changed by what changes in them", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { votes: 5, deep: { "a.b": "Buy milk" } } });
  await db.increment("a", "votes");
  await db.increment("a", "votes", -3n);
  await db.increment("a", ["deep", "count"], 2 ** 53 - 1);
  await db.addToSet("a", "tags", ["b", "a", 1, 2n ** 62n + 1n, new Uint8Array([1]), "b"]);
  await db.removeFromSet("a", "tags", ["b", new Uint8Array([1]), "none"]);
  await db.editText("a", ["deep", "a.b"], [{ at: 0, remove: 3, insert: "Get" }, { at: 4, insert: "🥛 " }]);
  await db.editList("a", "steps", [{ at: 0, insert: [1, { x: [null] }, -0] }, { at: 0, remove: 1 }]);
  assert.deepEqual((await db.get("a")).data, {
    votes: 3,
    tags: [1, 2n ** 62n + 1n, "a"],
    deep: { "a.b": "Get 🥛 milk", count: 2 ** 53 - 1 },
    steps: [{ x: [null] }, -0],
  });

  const records = (await db.status()).records;
  await db.transaction(async (tx) => {
    tx.increment("a", "votes", 2);
    tx.addToSet("a", ["tags"], ["c"]);
    tx.removeFromSet("a", "tags", [1]);
    tx.editText("a", "body", [{ at: 0, insert: "x" }]);
    tx.editList("a", "steps", [{ at: 1, remove: 1, insert: ["y"] }]);
    const { votes, tags, body, steps } = (await tx.get("a")).data;
    assert.deepEqual([votes, tags, body, steps], [5, [2n ** 62n + 1n, "a", "c"], "x", [{ x: [null] }, "y"]]);
  });
  assert.equal((await db.status()).records, records + 1);
});

test("a change of a field that cannot be made says where and why, and changes nothing", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { text: "a🦀", truth: true, huge: [2n ** 63n - 1n] } });
  const changes = [
    [(it) => it.increment("a", "n", 0.5), "bad-value", /^by: expected a whole number/],
    [(it) => it.increment("a", "n", 2 ** 53), "bad-value", /^by: /],
    [(it) => it.increment("a", "n", 2n ** 63n), "bad-value", /^by: .*64 bits/],
    [(it) => it.increment("a", [], 1), "bad-value", /^field: /],
    [(it) => it.increment("a", ["x", 1], 1), "bad-value", /^1: expected a key, found a number/],
    [(it) => it.increment("a", "half \ud800", 1), "bad-value", /^field: .*surrogate/],
    [(it) => it.increment("a", "nul \0", 1), "bad-value", /^field: .*U\+0000/],
    [(it) => it.increment("a", "truth", 1), "bad-field", /^field truth holds/],
    [(it) => it.increment("none", "n", 1), "not-found", /none/],
    [(it) => it.addToSet("a", "s", "x"), "bad-value", /^values: expected an array, found a text/],
    [(it) => it.addToSet("a", "s", [1, { x: [NaN] }]), "bad-value", /^1\.x\.0: /],
    [(it) => it.addToSet("a", "s", [{ x: 1 }]), "bad-field", /^field s: /],
    [(it) => it.editText("a", "text", [{ at: 2, insert: "x" }]), "bad-field", /^field text: .*half a character/],
    [(it) => it.editText("a", "text", [{ at: 4 }]), "bad-field", /^field text: .*has 3/],
    [(it) => it.editText("a", "text", [{ insert: "x" }]), "bad-value", /^0\.at: expected a whole number/],
    [(it) => it.editText("a", "text", [{ at: -1 }]), "bad-value", /^0\.at: -1/],
    [(it) => it.editText("a", "text", [{ at: 0, insert: "\udc00" }]), "bad-value", /^0\.insert: .*surrogate/],
    [(it) => it.editText("a", "text", [{ at: 0, insert: 1 }]), "bad-value", /^0\.insert: expected a text/],
    [(it) => it.editList("a", "l", [{ at: 0, insert: [0, NaN] }]), "bad-value", /^0\.insert\.1: /],
    [(it) => it.editList("a", "l", [{ at: 0, insert: [2 ** 60] }]), "bad-field", /^field l: .*bigint/],
    [(it) => it.editList("a", "huge", [{ at: 0, insert: [1] }]), "bad-field", /^field huge: .*9223372036854775807/],
    [(it) => it.applyUpdate("a", "text", "text", new Uint8Array([1, 2])), "bad-field", /^field text: .*Yjs/],
    [(it) => it.applyUpdate("a", "text", "text", "x"), "bad-value", /^update: expected a Uint8Array/],
    [(it) => it.applyUpdate("a", "text", "counter", new Uint8Array(2)), "bad-value", /^kind: /],
  ];
  for (const [change, code, message] of changes) {
    for (const run of [() => change(db), () => db.transaction((tx) => change(tx))]) {
      const error = await failure(run());
      assert.equal(error.code, code, `${change}: ${error.message}`);
      assert.match(error.message, message, String(change));
    }
  }
  assert.equal((await db.status()).records, 1);
});

test("a document of Yjs and a field follow one another", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { body: "Buy milk" } });
  const doc = new Y.Doc();
  Y.applyUpdate(doc, await db.fieldUpdate("a", "body", "text"));
  const text = doc.getText("value");
  assert.equal(text.toString(), "Buy milk");
  text.insert(4, "oat ");
  await db.editText("a", "body", [{ at: 8, insert: " 🦀" }]);
  await db.applyUpdate("a", "body", "text", Y.encodeStateAsUpdate(doc));
  Y.applyUpdate(doc, await db.fieldUpdate("a", "body", "text"));
  assert.equal(text.toString(), "Buy oat milk 🦀");
  assert.equal((await db.get("a")).data.body, "Buy oat milk 🦀");
  assert.equal(await db.fieldUpdate("none", "body", "text"), null);
});

test("values at the edges are the same in JavaScript, in JSON Lines and in SQL", async () => {
  const db = await fresh();
  const data = {
    minusZero: -0,
    safe: 2 ** 53 - 1,
    odd: 2n ** 53n + 1n,
    least: -(2n ** 63n),
    most: 2n ** 63n - 1n,
    tiny: 5e-324,
    large: 1.7976931348623157e308,
    "": "an empty key",
    "dots.in.it": { "": { "ä 🦀 \u2028": [-0, [2n ** 60n]] } },
    bytes: new Uint8Array([0, 255]),
    text: "\0 \ufeff \u2028 \" \\ 🦀",
  };
  await db.put({ id: "a", type: "T", data });
  const copy = await fresh();
  await copy.importJsonl(db.exportJsonl());
  for (const { id } of await copy.list()) assert.deepEqual((await copy.get(id)).data, data);
  // What JavaScript calls equal, but for the sign of zero.
  assert.ok(Object.is((await copy.get("a")).data["dots.in.it"][""]["ä 🦀 \u2028"][0], -0));
  const [row] = await copy.query('SELECT odd, most, tiny, "dots.in.it" AS deep, typeof(minusZero) AS zero FROM T');
  assert.deepEqual([row.odd, row.most, row.tiny, row.zero], [2n ** 53n + 1n, 2n ** 63n - 1n, 5e-324, "real"]);

  for (const [json, message] of [
    ['{"n":NaN}', /line 1/],
    ['{"half":"\\ud800"}', /line 1: column 44: half of a surrogate pair/],
    ['{"n":9223372036854775808}', /line 1: .*64 bits/],
    ['{"n":1e999}', /line 1: .*range/],
  ]) {
    const error = await failure(copy.importJsonl(`{"id":"b","type":"T","data":${json}}`));
    assert.equal(error.code, "import", json);
    assert.match(error.message, message, json);
  }
  assert.equal(await copy.get("b"), null);
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
  assert.deepEqual(await db.query("SELECT :a AS a, $b AS b, :a AS c", { a: 1, b: "x" }), [{ a: 1, b: "x", c: 1 }]);
  assert.equal((await failure(db.query("SELECT :a", { b: 1 }))).code, "sql");
  assert.match((await failure(db.query("SELECT :a", { a: {} }))).message, /^parameter a: /);
  assert.equal((await failure(db.query("SELECT 1", "x"))).code, "bad-parameter");
});

test("SQL writes are transactions, and whole numbers beyond 2^53 stay exact both ways", async () => {
  const db = await fresh();
  const made = await db.exec(
    "INSERT INTO nodes (id, type, data) VALUES ('a', 'N', json_object('n', ?)) RETURNING id, type",
    [2n ** 62n],
  );
  assert.deepEqual(made, { changes: 1, rows: [{ id: "a", type: "N" }] });
  assert.equal((await db.get("a")).data.n, 2n ** 62n);
  const update = "UPDATE N SET n = n + 1, title = :title WHERE n = :n";
  assert.equal((await failure(db.exec(update, { n: 1, title: "" }))).code, "sql");
  await db.patch("a", { title: "x" });
  assert.deepEqual(await db.exec(update, { n: 2n ** 62n, title: "y" }), { changes: 1, rows: [] });
  assert.deepEqual((await db.get("a")).data, { n: 2n ** 62n + 1n, title: "y" });
  await db.undo();
  assert.deepEqual((await db.get("a")).data, { n: 2n ** 62n, title: "x" });
  assert.equal((await failure(db.query("DELETE FROM N"))).code, "sql-read-only");
  assert.equal((await failure(db.exec("DELETE FROM pdb_node"))).code, "sql-read-only");
  assert.equal((await failure(db.exec("INSERT INTO N (id) VALUES ('a')"))).code, "taken");
});

test("a script and a transaction see what they wrote, and an error undoes them", async () => {
  const db = await fresh();
  const done = await db.execScript(`
    BEGIN;
    INSERT INTO nodes (id, type, data) VALUES ('a', 'N', '{"n": 1}'), ('b', 'N', '{"n": 2}');
    UPDATE N SET n = n * :by;
    SELECT sum(n) AS sum FROM N;
    COMMIT`, { by: 10 });
  assert.deepEqual(done, [{ changes: 2, rows: [] }, { changes: 2, rows: [] }, { changes: 0, rows: [{ sum: 30 }] }]);
  assert.equal((await db.status()).records, 1);
  const error = await failure(db.execScript("DELETE FROM N;\nSELECT nothing"));
  assert.equal(error.code, "sql");
  assert.match(error.message, /^statement 2, in line 2: /);
  const sum = await db.transaction(async (tx) => {
    tx.patch("a", { n: 5 });
    tx.exec("DELETE FROM N WHERE id = ?", ["b"]);
    return (await tx.exec("SELECT sum(n) AS sum FROM N")).rows[0].sum;
  });
  assert.equal(sum, 5);
  assert.equal((await db.query("SELECT count(*) AS n FROM nodes"))[0].n, 1);
});

test("rows come page by page, and limits and signals end a statement", async () => {
  const db = await fresh();
  const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT i FROM n";
  let sum = 0;
  for await (const { i } of db.rows(many)) sum += i;
  assert.equal(sum, (2500 * 2501) / 2);
  const abort = new AbortController();
  let seen = 0;
  await assert.rejects(async () => {
    for await (const row of db.rows(many, [], { page: 10, signal: abort.signal })) {
      seen += row.i > 0 ? 1 : 0;
      if (seen === 10) abort.abort();
    }
  }, { name: "AbortError" });
  assert.equal(seen, 10);
  await assert.rejects(db.query("SELECT 1", [], { signal: abort.signal }), { name: "AbortError" });
  const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
  assert.equal((await failure(db.query(endless, [], { timeMs: 50 }))).code, "sql-time-limit");
  assert.equal((await failure(db.query(many, [], { maxRows: 10 }))).code, "sql-row-limit");
  assert.equal((await failure(db.query(many, [], { maxBytes: 100 }))).code, "sql-size-limit");
  await db.put({ id: "a", type: "N", data: {} });
  assert.match((await db.explain("SELECT id FROM N WHERE id = 'a'"))[0], /^SEARCH /);
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
  await db.link({ source: "a", label: "z", target: "a", data: { bytes: new Uint8Array([1]) } });
  assert.deepEqual(await labels({ direction: "both" }), ["x", "z", "y"]);
  const [own] = await db.edges("a", { label: "z" });
  assert.deepEqual(own, { source: "a", label: "z", target: "a", key: "", data: { bytes: new Uint8Array([1]) } });
  const refused = await failure(db.edges("a", { direction: "sideways" }));
  assert.deepEqual([refused.code, /'out', 'in' or 'both'/.test(refused.message)], ["bad-option", true]);
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

test("the history of a node tells its changes, and what it was at each", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "Note", data: { title: "one", tags: 0 } });
  await db.patch("a", { title: "two", tags: undefined });
  await db.addToSet("a", "labels", ["x", 2n ** 60n]);
  await db.removeFromSet("a", ["labels"], ["x"]);
  await db.editText("a", "title", [{ at: 0, insert: "The " }]);
  await db.delete("a");
  const history = await db.history("a");
  assert.deepEqual(history.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6]);
  assert.ok(history.every(({ actor, at }) => actor === db.actor && Math.abs(at - Date.now()) < 60_000));
  const { put, deleted, type, writes } = history[0];
  assert.deepEqual({ put, deleted, type, writes }, {
    put: true,
    deleted: false,
    type: "Note",
    writes: [{ field: ["tags"], op: "set", value: 0 }, { field: ["title"], op: "set", value: "one" }],
  });
  assert.deepEqual(history.slice(1, 5).map(({ writes }) => writes), [
    [{ field: ["tags"], op: "remove" }, { field: ["title"], op: "set", value: "two" }],
    [{ field: ["labels"], op: "change-set", value: ["x", 2n ** 60n], removed: [] }],
    [{ field: ["labels"], op: "change-set", value: [], removed: ["x"] }],
    [{ field: ["title"], op: "edit-text" }],
  ]);
  assert.deepEqual([history[5].deleted, history[5].writes], [true, []]);
  assert.deepEqual(await db.history("missing"), []);
  assert.equal(await db.getAsOf("a", history[0].at - 1), null);
  assert.equal(await db.getAsOf("a", new Date(history[5].at + 1)), null);
  assert.equal((await failure(db.getAsOf("a", new Date("never")))).code, "bad-value");
});

test("a node is read as it was", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "Note", data: { title: "one" } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await db.patch("a", { title: "two" });
  const [{ at }] = await db.history("a");
  assert.equal((await db.getAsOf("a", at)).data.title, "one");
  assert.equal((await db.getAsOf("a", new Date())).data.title, "two");
});

test("undo takes back the last transaction and redo does it again", async () => {
  const db = await fresh();
  assert.equal(await db.undo(), null);
  const title = async () => (await db.get("a"))?.data.title;
  await db.put({ id: "a", type: "Note", data: { title: "one" } });
  await db.patch("a", { title: "two" });
  const seen = [];
  db.onChange(({ nodes }) => seen.push(...nodes));
  assert.deepEqual(await db.undo(), { changed: 1, kept: 0 });
  assert.deepEqual(seen, ["a"]);
  assert.equal(await title(), "one");
  await db.undo();
  assert.equal(await title(), undefined);
  assert.deepEqual([await db.undo(), await db.redo(), await db.redo(), await db.redo()].map(Boolean), [
    false, true, true, false,
  ]);
  assert.equal(await title(), "two");
});

test("as much can be undone as was asked for", async () => {
  const few = await open("memory://", { undo: 1 });
  const none = await open("memory://", { undo: 0 });
  for (const db of [few, none]) {
    await db.put({ id: "a", type: "Note", data: { n: 1 } });
    await db.patch("a", { n: 2 });
  }
  assert.deepEqual([await few.undo(), await few.undo(), await none.undo()].map(Boolean), [true, false, false]);
});

test("a compaction forgets what was and keeps what is", async () => {
  const db = await fresh();
  for (const n of [1, 2, 3]) await db.put({ id: "a", type: "Note", data: { n } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await db.compact()).records, 0);
  const unsynced = await db.compact({ keepDays: 0 });
  assert.deepEqual([unsynced.records, unsynced.unsynced], [0, 1]);
  const hash = await db.stateHash();
  const done = await db.compact({ keepDays: 0, unsynced: true });
  assert.equal(done.records, 3);
  assert.ok(done.bytesAfter <= done.bytesBefore && done.bytesAfter > 0);
  assert.deepEqual(await db.history("a"), []);
  assert.equal(await db.stateHash(), hash);
  assert.equal((await failure(db.getAsOf("a", 1000))).code, "forgotten");
  assert.equal((await failure(db.compact({ keepDays: -1 }))).code, "bad-value");
});

test("what cannot be opened says what can", async () => {
  assert.equal((await failure(open("idb://notes"))).code, "no-indexeddb");
  assert.match((await failure(open("idb://notes"))).hint, /memory:\/\/.*command line/);
  assert.equal((await failure(open("notes.pluresdb"))).code, "bad-url");
  assert.equal((await failure(open("idb://"))).code, "bad-url");
  assert.equal((await failure(open("memory://", { space: "12" }))).code, "bad-space");
});

test("a server that loads a page's script, which opens its database, goes on", () => {
  const script = 'import { open } from "pluresdb"; const db = open("idb://notes"); setTimeout(() => console.log("rendered", db), 50);';
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^rendered Promise/);
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

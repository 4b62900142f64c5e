/** The parts of the VS Code extension that need neither VS Code nor a database. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { walFile } from "./wal-file.mjs";

const { refuseForeign } = await load("engine/header.ts");
const { walGeneration, withWal } = await load("engine/wal.ts");
const { failureOf, sentenceOf } = await load("engine/failure.ts");
const { debounce } = await load("engine/debounce.ts");
const { titleOf, shorten } = await load("tree/title.ts");
const { preview, partsOf } = await load("tree/preview.ts");
const elements = await load("tree/elements.ts");
const children = await load("tree/children.ts");
const { Pages } = await load("tree/pages.ts");
const { page } = await load("query/cells.ts");
const { Session } = await load("query/session.ts");
const statement = await load("query/statement.ts");
const { nodeToJson } = await load("documents/json.ts");
const text = await load("text.ts");

async function load(path) {
  const entry = fileURLToPath(new URL(`../../../vscode-extension/src/${path}`, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

/** The header of an SQLite file. */
function sqlite({ applicationId = 0x504c4442 } = {}) {
  const file = Buffer.alloc(4096);
  file.write("SQLite format 3\0", "latin1");
  file.writeUInt32BE(applicationId, 68);
  return file;
}

/** A reader over nodes n000, n001, … of one type, each with an edge to each of the others. */
function reader(count) {
  const nodes = Array.from({ length: count }, (_, at) => ({
    id: `n${String(at).padStart(3, "0")}`,
    type: "Note",
    data: { title: `Note ${at}` },
    updated: 0,
  }));
  return {
    list: async ({ type, limit }) => nodes.filter((node) => node.type === type).slice(0, limit),
    get: async (id) => nodes.find((node) => node.id === id) ?? null,
    edges: async (id, { direction, label, limit }) =>
      nodes
        .filter((other) => other.id !== id)
        .slice(0, limit)
        .map((other) => {
          const [source, target] = direction === "out" ? [id, other.id] : [other.id, id];
          return { source, target, label, key: "", data: null };
        }),
    table: async () => ({ columns: ["label", "count"], rows: [["next", count - 1]] }),
  };
}

const database = elements.databaseElement("file:///notes.pluresdb");
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const kinds = (list) => list.map(({ kind }) => kind);

test("a PluresDB file is told from others by its first bytes, and those are refused with what they are", () => {
  const refuse = (file) => () => refuseForeign("a.pluresdb", file);
  refuse(sqlite())();
  refuse(Buffer.concat([Buffer.alloc(7), sqlite()]).subarray(7))();
  assert.throws(refuse(sqlite({ applicationId: 7 })), { code: "not-a-database", message: /another program/ });
  assert.throws(refuse(Buffer.from("id,name\n1,a\n".repeat(20))), { code: "not-a-database", message: /not even an SQLite/ });
  assert.throws(refuse(sqlite().subarray(0, 50)), { code: "not-a-database", message: /not even an SQLite/ });
  assert.throws(refuse(Buffer.alloc(0)), { code: "not-a-database", message: /is empty/ });
});

/** Pages of one byte each, as a database's bytes. */
const pagesOf = (letters, pageSize = 512) => Buffer.concat(Array.from(letters, (letter) => Buffer.alloc(pageSize, letter)));
const page512 = (number, letter) => ({ number, content: Buffer.alloc(512, letter) });

for (const bigEndian of [true, false]) {
  const wal = (commits) => walFile(commits, { pageSize: 512, bigEndian });
  const order = bigEndian ? "big" : "little";

  test(`each page comes from the last commit that wrote it, checksums with the ${order} end first`, () => {
    const commits = [
      { pages: [page512(2, "x"), page512(4, "y")], count: 4 },
      { pages: [page512(2, "z")], count: 4 },
    ];
    assert.deepEqual(Buffer.from(withWal(pagesOf("abc"), wal(commits))), pagesOf("azcy"));
  });

  test(`what was not committed is left out, checksums with the ${order} end first`, () => {
    const done = { pages: [page512(1, "x")], count: 3 };
    const begun = { pages: [page512(2, "y")] };
    assert.deepEqual(Buffer.from(withWal(pagesOf("abc"), wal([done, begun]))), pagesOf("xbc"));
    const file = pagesOf("abc");
    assert.equal(withWal(file, wal([begun])), file);
  });
}

test("a commit that made the database smaller is followed", () => {
  const commits = [
    { pages: [page512(3, "x")], count: 3 },
    { pages: [page512(1, "y")], count: 2 },
  ];
  assert.deepEqual(Buffer.from(withWal(pagesOf("abc"), walFile(commits, { pageSize: 512 }))), pagesOf("yb"));
});

test("a torn or foreign end of a write-ahead file is left out, at whichever byte it begins", () => {
  const first = { pages: [page512(1, "x")], count: 3 };
  const whole = walFile([first, { pages: [page512(2, "y")], count: 3 }], { pageSize: 512 });
  const boundary = 32 + 24 + 512;
  for (let length = 0; length < whole.length; length += 13) {
    const read = Buffer.from(withWal(pagesOf("abc"), whole.subarray(0, length)));
    assert.deepEqual(read, pagesOf(length < boundary ? "abc" : "xbc"), `cut at ${length}`);
  }
  for (let at = boundary; at < whole.length; at += 7) {
    const broken = Buffer.from(whole);
    broken[at] ^= 1;
    assert.deepEqual(Buffer.from(withWal(pagesOf("abc"), broken)), pagesOf("xbc"), `changed at ${at}`);
  }
});

test("a write-ahead file that begins anew is another generation", () => {
  const wal = walFile([{ pages: [page512(1, "x")], count: 1 }], { pageSize: 512 });
  assert.equal(walGeneration(wal), walGeneration(wal.subarray(0, 40)));
  const anew = Buffer.from(wal);
  anew[16] ^= 1;
  assert.notEqual(walGeneration(wal), walGeneration(anew));
  assert.notEqual(walGeneration(wal), walGeneration(Buffer.alloc(0)));
});

test("an error keeps its code and its sentence", () => {
  assert.equal(sentenceOf(failureOf(Object.assign(new Error("no such table: x"), { code: "sql" }))), "no such table: x (sql)");
  assert.equal(sentenceOf(failureOf(Object.assign(new Error("sql: no"), { code: "sql" }))), "no (sql)");
  assert.equal(sentenceOf(failureOf("thrown")), "thrown");
});

test("changes that come close together are one", async () => {
  let runs = 0;
  const ask = debounce(() => (runs += 1), { quiet: 20, longest: 1000 });
  for (let at = 0; at < 5; at++) ask();
  await pause(60);
  assert.equal(runs, 1);
  ask();
  ask.cancel();
  await pause(60);
  assert.equal(runs, 1);
});

test("changes that never pause are not waited out", async () => {
  let runs = 0;
  const ask = debounce(() => (runs += 1), { quiet: 50, longest: 100 });
  for (let at = 0; at < 20; at++) {
    ask();
    await pause(10);
  }
  assert.ok(runs >= 1);
  ask.cancel();
});

test("a node is called by the field that names it, else by its id", () => {
  assert.equal(titleOf({ id: "a", data: { title: " Milk \n and bread" } }), "Milk and bread");
  assert.equal(titleOf({ id: "a", data: { title: "", lemmas: ["cat", "true cat"] } }), "cat, true cat");
  assert.equal(titleOf({ id: "a", data: { name: 7 } }), "a");
  assert.equal(titleOf({ id: "a", data: { lemmas: [] } }), "a");
});

test("a long text is cut between characters", () => {
  assert.equal(shorten("abcdef", 6), "abcdef");
  assert.equal(shorten("abcdefg", 6), "abcde…");
  assert.equal(shorten("😀".repeat(9), 4), "😀😀😀…");
});

test("a value is previewed in a few words and opens to its parts", () => {
  assert.equal(preview(null), "null");
  assert.equal(preview(2n ** 60n), "1152921504606846976");
  assert.equal(preview(new Uint8Array(3)), "3 bytes");
  assert.equal(preview([1, { a: 1 }, [2]]), "[ 1, {…}, […] ]");
  assert.equal(preview({ a: 1, b: 2 }), "{ a, b }");
  assert.equal(preview([]), "[ ]");
  assert.deepEqual(partsOf(["x"]), [["0", "x"]]);
  assert.deepEqual(partsOf({ a: 1 }), [["a", 1]]);
  assert.deepEqual(partsOf(new Uint8Array(3)), []);
  assert.deepEqual(partsOf("text"), []);
});

test("a database opens to its types with their counts", () => {
  const overview = { status: {}, types: [{ name: "Note", count: 3 }, { name: "Person", count: 1 }] };
  const types = children.typesIn(database, overview);
  assert.deepEqual(types.map(({ name, count }) => [name, count]), [["Note", 3], ["Person", 1]]);
  assert.deepEqual(kinds(children.typesIn(database, { types: [] })), ["note"]);
});

test("a type shows its nodes by the hundred", async () => {
  const pages = new Pages();
  const type = elements.typeElement(database, "Note", 250);
  const first = await children.nodesOf(reader(250), type, pages);
  assert.equal(first.length, 101);
  assert.deepEqual([first[100].kind, first[100].shown, first[100].total], ["more", 100, 250]);
  pages.more(type.id);
  pages.more(type.id);
  const all = await children.nodesOf(reader(250), type, pages);
  assert.deepEqual([all.length, new Set(kinds(all)).size], [250, 1]);
});

test("a node that is revealed far down a list is shown before the rest", async () => {
  const pages = new Pages();
  const type = elements.typeElement(database, "Note", 250);
  for (const id of ["n240", "n001", "gone"]) pages.pin(type.id, id);
  const shown = await children.nodesOf(reader(250), type, pages);
  assert.deepEqual(shown.slice(-2).map(({ kind, node }) => [kind, node?.id]), [["node", "n240"], ["more", undefined]]);
  assert.equal(shown.length, 102);
});

test("a node opens to its fields and to its edges by direction and label", async () => {
  const type = elements.typeElement(database, "Note", 250);
  const node = elements.nodeElement(type, await reader(250).get("n000"));
  const parts = await children.partsOfNode(reader(250), node);
  assert.deepEqual(parts.map(({ kind, name, direction, count }) => [kind, name, direction, count]), [
    ["field", "title", undefined, undefined],
    ["label", "next", "out", 249],
    ["label", "next", "in", 249],
  ]);
  const edges = await children.edgesOf(reader(250), parts[1], new Pages());
  assert.deepEqual([edges.length, edges[0].kind, edges[0].other.id, edges[100].kind], [101, "edge", "n001", "more"]);
});

test("a field opens to its parts, a very long one in part", () => {
  const type = elements.typeElement(database, "Note", 1);
  const node = elements.nodeElement(type, { id: "a", type: "Note", data: {}, updated: 0 });
  const field = (value) => ({ kind: "field", id: "f", parent: node, name: "f", value });
  assert.deepEqual(children.partsOfField(field({ a: [1] })).map(({ name }) => name), ["a"]);
  const long = children.partsOfField(field(Array(1003).fill(0)));
  assert.deepEqual([long.length, long.at(-1).text], [1001, "3 more: open the node to see them"]);
});

test("elements of different places never share an id", () => {
  const id = (...parts) => elements.elementId(...parts);
  assert.notEqual(id("a|b", "c"), id("a", "b|c"));
  assert.notEqual(id("a%7Cb"), id("a|b"));
});

test("what was unfolded in a closed database is forgotten, in others kept", () => {
  const pages = new Pages();
  pages.more("a|type");
  pages.more("ab|type");
  pages.forget("a");
  assert.deepEqual([pages.shown("a|type"), pages.shown("ab|type")], [100, 200]);
});

test("cells are what a panel can be sent, a thousand rows at a time", () => {
  const rows = Array.from({ length: 2500 }, (_, at) => [at]);
  assert.deepEqual([page(rows, 0).length, page(rows, 2000).length, page(rows, 2000)[0][0]], [1000, 500, 2000]);
  const [cells] = page([[null, 1.5, "x", 2n ** 60n, new Uint8Array([0, 255]), "y".repeat(3000)]], 0);
  assert.deepEqual(cells.slice(0, 5), [
    null,
    1.5,
    "x",
    { kind: "integer", digits: "1152921504606846976" },
    { kind: "bytes", hex: "00ff", length: 2 },
  ]);
  assert.deepEqual([cells[5].kind, cells[5].start.length, cells[5].length], ["cut", 2000, 3000]);
});

test("a session answers with rows, further rows, or a failure with a code", async () => {
  const table = async () => ({ columns: ["n"], rows: Array.from({ length: 1500 }, (_, at) => [at]) });
  const entry = { name: "a", state: { kind: "open", database: { table } } };
  const session = new Session("a", "SELECT n");
  const { result } = await session.run(entry);
  assert.deepEqual([result.total, result.rows.length], [1500, 1000]);
  assert.equal(session.more(result.run, 1000).length, 500);
  assert.deepEqual(session.more(result.run + 1, 1000), []);
  session.sql = " ";
  assert.equal((await session.run(entry)).failure.code, "sql");
  assert.equal((await session.run(undefined)).failure.code, "no-database");
  assert.equal((await session.run({ name: "a", state: { kind: "opening" } })).failure.code, "busy");
});

test("an answer that a newer run overtook is dropped", async () => {
  const waiting = [];
  const table = () => new Promise((resolve) => waiting.push(resolve));
  const session = new Session("a", "SELECT 1");
  const entry = { name: "a", state: { kind: "open", database: { table } } };
  const [first, second] = [session.run(entry), session.run(entry)];
  for (const answer of waiting) answer({ columns: ["1"], rows: [[1]] });
  assert.equal(await first, null);
  assert.equal((await second).result.total, 1);
});

test("statements name tables as SQL wants them", () => {
  assert.equal(statement.selectFrom("Note"), "SELECT * FROM Note LIMIT 100");
  assert.equal(statement.selectFrom("Order"), 'SELECT * FROM "Order" LIMIT 100');
  assert.equal(statement.selectFrom('my "type"'), 'SELECT * FROM "my ""type""" LIMIT 100');
  assert.equal(statement.selectType("Nodes"), "SELECT * FROM nodes WHERE type = 'Nodes' LIMIT 100");
  const types = [{ name: "Edges" }, { name: "Note" }];
  assert.deepEqual(statement.tablesOf({ types }), ["nodes", "edges", "Note"]);
});

test("a node's document is JSON that keeps every digit and byte", () => {
  const data = { big: 2n ** 60n, bytes: new Uint8Array([1, 2, 3]), list: [1, []], empty: {}, text: 'a "b"' };
  const json = nodeToJson({ id: "a", type: "Note", updated: 0, data });
  assert.equal(
    json,
    `{
  "id": "a",
  "type": "Note",
  "updated": "1970-01-01T00:00:00.000Z",
  "data": {
    "big": 1152921504606846976,
    "bytes": {
      "$bytes": "AQID"
    },
    "list": [
      1,
      []
    ],
    "empty": {},
    "text": "a \\"b\\""
  }
}
`,
  );
  assert.equal(JSON.parse(json).data.text, 'a "b"');
});

test("numbers read the same everywhere", () => {
  assert.equal(text.plural(1, "node"), "1 node");
  assert.equal(text.plural(117659, "node"), "117,659 nodes");
  assert.equal(text.fileSize(999), "999 bytes");
  assert.equal(text.fileSize(3_400_000), "3.4 MB");
  assert.equal(text.fileSize(72_000_000), "72 MB");
  assert.equal(text.duration(0.42), "0.4 ms");
  assert.equal(text.duration(2310), "2.31 s");
});

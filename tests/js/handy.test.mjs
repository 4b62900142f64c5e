// What makes the package pleasant: statements as templates, nodes and fields, types, formats.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "pluresdb";
import { failure } from "./lib/failure.mjs";

const fresh = () => open("memory://");
const turn = () => new Promise((resolve) => { setTimeout(resolve, 5); });

async function text(pieces) {
  let all = "";
  for await (const piece of pieces) all += piece;
  return all;
}

test("values in a statement are parameters, whatever they say", async () => {
  const db = await fresh();
  const evil = "x'); DELETE FROM nodes; --";
  await db.sql`INSERT INTO nodes (id, type, data) VALUES (${"a"}, 'T', json_object('title', ${evil}, 'n', ${2n ** 60n}))`;
  await db.put({ id: "b", type: "T", data: { title: "b", n: 2 } });
  assert.deepEqual(await db.sql`SELECT title FROM T WHERE title = ${evil}`, [{ title: evil }]);
  assert.deepEqual(await db.sql`SELECT id FROM T WHERE id IN ${["b", "c"]}`, [{ id: "b" }]);
  assert.deepEqual(await db.sql`SELECT id FROM T WHERE id IN ${[]}`, []);
  const big = db.sql`n > ${5}`;
  assert.deepEqual(await db.sql`SELECT id FROM T WHERE ${big} AND id <> ${"z"}`.first(), { id: "a" });
  assert.equal(await db.sql`SELECT id FROM T WHERE id = ${"none"}`.first(), undefined);
  assert.deepEqual(await db.sql`UPDATE T SET n = n + ${1} WHERE id = ${"b"} RETURNING n`, [{ n: 3 }]);
  const ids = [];
  for await (const { id } of db.sql`SELECT id FROM T ORDER BY id`.rows()) ids.push(id);
  assert.deepEqual(ids, ["a", "b"]);
  const seen = [];
  const live = db.sql`SELECT id FROM T WHERE n < ${10}`.live(({ rows }) => seen.push(rows.length));
  await db.put({ id: "c", type: "T", data: { n: 1 } });
  assert.deepEqual(seen, [1, 2]);
  live.stop();
  assert.equal((await failure(db.sql`SELECT ${1} FROM`.then((rows) => rows))).code, "sql");
});

test("a list in a statement may be empty, and may stand between parentheses", async () => {
  const db = await fresh();
  for (const id of ["a", "b"]) await db.put({ id, type: "T", data: {} });
  const ids = (rows) => rows.map(({ id }) => id);
  assert.deepEqual(ids(await db.sql`SELECT id FROM T WHERE id NOT IN ${[]} ORDER BY id`), ["a", "b"]);
  assert.deepEqual(ids(await db.sql`SELECT id FROM T WHERE id IN (${["b", "c"]})`), ["b"]);
  assert.deepEqual(ids(await db.sql`SELECT id FROM T WHERE id IN ( ${[]} ) OR id = (${"a"})`), ["a"]);
});

test("sql that is called with a text is refused, and nothing of the text is run", async () => {
  const db = await fresh();
  for (const given of ["SELECT 1", ["SELECT 1"], undefined]) {
    const error = await failure(Promise.resolve().then(() => db.sql(given)));
    assert.equal(error.code, "bad-value", String(given));
    assert.match(error.message, /template/);
  }
});

test("a node and its fields are changed by their kinds", async () => {
  const db = await fresh();
  const trip = db.node("trip");
  const told = [];
  const live = trip.live((node) => told.push(node?.data.votes ?? null));
  await turn();
  assert.equal(await trip.get(), null);
  await trip.put("Note", { title: "Buy milk", votes: 10 });
  await db.node("shop").put("Place", {});
  await trip.counter("votes").add();
  await trip.counter("votes").add(-3n);
  assert.equal(await trip.counter("votes").get(), 8);
  assert.equal(await trip.counter(["deep", "none"]).get(), 0);
  await trip.set("tags").add("a", "b");
  await trip.set("tags").remove("a");
  assert.deepEqual(await trip.set("tags").get(), ["b"]);
  const title = trip.text("title");
  await title.insert(4, "oat ");
  await title.remove(0, 4);
  await title.edit({ at: 0, insert: "Get " });
  assert.equal(await title.get(), "Get oat milk");
  await Promise.all([trip.list("steps").push("go"), trip.list("steps").push("pay", "leave")]);
  await trip.list("steps").insert(0, "wake");
  await trip.list("steps").remove(3);
  assert.deepEqual(await trip.list("steps").get(), ["wake", "go", "pay"]);
  await trip.link("at", db.node("shop"), { since: 1 });
  assert.equal((await trip.edges())[0].target, "shop");
  assert.equal(await trip.unlink("at", "shop"), true);
  await trip.patch({ votes: undefined });
  assert.ok((await trip.history()).length > 5);
  await turn();
  assert.deepEqual([told[0], told.includes(8), told.at(-1)], [null, true, null]);
  live.stop();
  assert.equal(await trip.delete(), true);
});

test("a field that is read as another kind than it has is refused", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { title: "x", n: 1 } });
  const { counter, set, text: letters, list } = db.node("a");
  for (const [read, kind] of [[counter("title"), "counter"], [set("title"), "set"], [letters("n"), "text"], [list("n"), "list"]]) {
    const error = await failure(read.get());
    assert.equal(error.code, "bad-field");
    assert.match(error.message, new RegExp(`holds something that is no ${kind}$`));
  }
  assert.deepEqual([await counter("none").get(), await set("none").get(), await letters("none").get()], [0, [], ""]);
});

test("a statement of a transaction has its values as parameters, and counts without being awaited", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { n: 1 } });
  const only = db.sql`id = ${"a"}`;
  const rows = await db.transaction(async (tx) => {
    void tx.sql`UPDATE T SET n = n + ${4} WHERE ${only}`;
    return tx.sql`SELECT n FROM T WHERE id IN ${["a", "b"]}`;
  });
  assert.deepEqual(rows, [{ n: 5 }]);
  const error = await failure(db.transaction((tx) => void tx.sql`UPDATE Nowhere SET n = ${1}`));
  assert.equal(error.code, "sql");
  assert.equal((await failure(db.transaction((tx) => tx.sql("SELECT 1")))).code, "bad-value");
});

test("a type gives its nodes, and refuses what breaks it", async () => {
  const db = await fresh();
  const notes = await db.type("Note", {
    title: { type: "string", required: true },
    stars: { type: "integer", default: 0 },
    tags: { kind: "set", items: { type: "string" } },
  });
  const id = await notes.put({ title: "Buy milk", tags: ["a"] });
  await notes.put({ title: "Other", stars: 5 }, { id: "other" });
  assert.deepEqual((await notes.get(id)).data, { title: "Buy milk", stars: 0, tags: ["a"] });
  await db.put({ id: "else", type: "Else", data: {} });
  assert.equal(await notes.get("else"), null);
  assert.deepEqual((await notes.where("stars > ?", [3])).map(({ title }) => title), ["Other"]);
  assert.equal((await notes.where("ORDER BY title LIMIT 1")).length, 1);
  assert.equal((await notes.list()).length, 2);
  const seen = [];
  notes.live("stars > ?", [3], ({ rows }) => seen.push(rows.length));
  await notes.patch(id, { stars: 4 });
  await notes.delete("other");
  assert.deepEqual(seen, [1, 2, 1]);
  assert.equal((await failure(notes.put({ title: 7 }))).code, "invalid");
});

test("a type changes and deletes its own nodes only", async () => {
  const db = await fresh();
  const notes = await db.type("Note", { title: { type: "string" } });
  await db.put({ id: "ada", type: "Person", data: { title: "Countess" } });
  const error = await failure(notes.patch("ada", { title: "Note" }));
  assert.deepEqual([error.code, error.message], ["not-found", 'there is no Note with the id "ada"']);
  assert.equal(await notes.delete("ada"), false);
  assert.deepEqual((await db.get("ada")).data, { title: "Countess" });
  await notes.put({ title: "Sleep" }, { id: "a" });
  await notes.patch("a", { title: "Rest" });
  assert.equal((await notes.get("a")).data.title, "Rest");
  assert.equal(await notes.delete("a"), true);
});

test("JSON, JSON Lines and files carry everything, in pieces of any size", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: { big: 2n ** 60n + 1n, "}],[": "],{\"\\", list: [[], {}], bytes: new Uint8Array([1]) } });
  await db.put({ id: "b", type: "T", data: { text: "line\nend 🦀" } });
  await db.link({ source: "a", label: "to", target: "b" });
  const hash = await db.stateHash();
  const same = async (source, options) => {
    const copy = await fresh();
    const progress = await copy.import(source, options);
    assert.deepEqual([progress.nodes, progress.edges], [2, 1]);
    assert.equal(await content(copy), await content(db), options?.format);
  };
  const content = (of) => text(of.export());
  const json = await text(db.export({ format: "json" }));
  assert.equal(JSON.parse(json).length, 3);
  const cut = async function* (whole, size) {
    for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size);
  };
  await same(json, { format: "json" });
  // As people write it: with line ends between its values.
  await same(` \n${json.replaceAll(":{", ":\r\n  {")} `, { format: "json" });
  await same(cut(json, 1), { format: "json" });
  await same(cut(new TextEncoder().encode(json), 7), { format: "json" });
  await same(await content(db));
  await same(new Blob([await content(db)]));
  await same(new File([json], "notes.JSON"));
  await same(await db.image(), { format: "pluresdb" });
  await same(await db.exportBlob({ format: "pluresdb" }), { format: "pluresdb" });
  assert.equal(await db.stateHash(), hash);
  assert.equal(await text((await fresh()).export({ format: "json" })), "[]\n");
  for (const bad of ['{"id":"a"}', '[{"id":"a","type":"T","data":{}}', "", "[] []", "x[]"]) {
    assert.equal((await failure((await fresh()).import(bad, { format: "json" }))).code, "import", bad);
  }
  assert.equal((await failure((await fresh()).import(new Uint8Array([0xff, 0xfe])))).code, "import");
});

test("CSV goes in and out, with quotes, line ends and numbers as they stand", async () => {
  const db = await fresh();
  const csv = '\ufeffid,title,stars,ok,tags,code\r\na,"Say ""hi"",\nthen go",5,true,"[1,""x""]",007\r\n,second,9007199254740993,,,1e3\n\nc,-,-1.5,false,[not json,"  padded "';
  const pieces = async function* () {
    for (const character of csv) yield character;
  };
  for (const source of [csv, pieces()]) {
    const copy = await fresh();
    assert.equal((await copy.import(source, { format: "csv", type: "Note" })).nodes, 3);
    const nodes = await copy.list();
    const data = nodes.map((node) => node.data).sort((a, b) => (a.title < b.title ? -1 : 1));
    assert.deepEqual(data, [
      { title: "-", stars: -1.5, ok: false, tags: "[not json", code: "  padded " },
      { title: 'Say "hi",\nthen go', stars: 5, ok: true, tags: [1, "x"], code: "007" },
      { title: "second", stars: 9007199254740993n, code: "1e3" },
    ]);
    assert.ok(nodes.some(({ id }) => id === "a") && nodes.every(({ id }) => id !== ""));
    const out = await text(copy.export({ format: "csv", type: "Note" }));
    await db.import(out, { format: "csv", type: "Note" });
    for (const { id, data: before } of nodes) {
      assert.deepEqual((await db.get(id)).data, before);
    }
  }
  assert.equal((await failure(db.import("a,b\n1,2,3", { format: "csv", type: "N" }))).code, "import");
  assert.equal((await failure(db.import('a\n"1', { format: "csv", type: "N" }))).code, "import");
  assert.equal((await failure(db.import("a\n1", { format: "csv" }))).code, "bad-option");
});

test("a declared text comes back from CSV as it was, whatever it looks like", async () => {
  const fields = {
    title: { type: "string", required: true },
    body: { kind: "text" },
    state: { enum: ["1", "2"] },
    stars: { type: "integer" },
    tags: { kind: "set", items: { type: "string" } },
    place: { type: "object", fields: { zip: { type: "string" } } },
    other: {},
  };
  const db = await fresh();
  await db.type("Note", fields);
  const notes = {
    a: { title: "2024", body: "true", state: "1", stars: 7, tags: ["x,y", "z"], place: { zip: "007" } },
    b: { title: "", body: "[1]", other: "" },
    c: { title: " ", body: "" },
  };
  for (const [id, data] of Object.entries(notes)) await db.put({ id, type: "Note", data });
  for (const separator of [",", ";", "\t"]) {
    const csv = await text(db.export({ format: "csv", type: "Note", separator }));
    const copy = await fresh();
    await copy.type("Note", fields);
    assert.equal((await copy.import(csv, { format: "csv", type: "Note", separator })).nodes, 3);
    for (const [id, data] of Object.entries(notes)) assert.deepEqual((await copy.get(id)).data, data, csv);
  }
  // Programs that put quotes around all cells: no field where there is no text to be.
  await db.import('"id","title","stars"\n"d","x",""\n', { format: "csv", type: "Note" });
  assert.deepEqual((await db.get("d")).data, { title: "x" });
});

test("CSV that would lose something is refused, with the line", async () => {
  for (const [csv, message] of [
    ["id,a,a\n1,2,3", /^line 1: two columns are named "a"/],
    ["id;a\n1;2", /^line 1: there is one column, "id;a"; say `separator: ";"`/],
    ['id,a\n1,x\n2,"5" disk"', /^line 3: "d" follows a closing quote/],
    ['id,a\n1,"x"y', /^line 2: "y" follows a closing quote/],
  ]) {
    const db = await fresh();
    const error = await failure(db.import(csv, { format: "csv", type: "N" }));
    assert.equal(error.code, "import");
    assert.match(error.message, message);
  }
  const db = await fresh();
  await db.import('id,a\n1,"x" \n', { format: "csv", type: "N" });
  assert.equal((await db.get("1")).data.a, "x");
  assert.equal((await failure(db.import("a", { format: "csv", type: "N", separator: "::" }))).code, "bad-option");
});

test("a format, and a source, that is none is refused", async () => {
  const db = await fresh();
  const refused = async (work, code, message) => {
    const error = await failure(work());
    assert.equal(error.code, code, String(error));
    assert.match(error.message, message);
  };
  await refused(() => db.import("", { format: "xml" }), "bad-option", /^format: expected one of jsonl, json, csv, pluresdb, found "xml"/);
  await refused(() => text(db.export({ format: "xml" })), "bad-option", /^format: /);
  await refused(() => db.exportBlob({ format: "xml" }), "bad-option", /^format: /);
  await refused(() => db.import(), "bad-value", /^source: .* found undefined/);
  await refused(() => db.import([{ id: "a" }]), "bad-value", /^source: .* found an array/);
  await db.import(new TextEncoder().encode('{"id":"a","type":"T","data":{}}').buffer);
  assert.equal((await db.get("a")).type, "T");
});

test("progress tells how much of the source is read and of an export is written, and a signal ends both", async () => {
  const db = await fresh();
  for (let at = 0; at < 600; at += 1) await db.put({ id: `n${at}`, type: "T", data: { text: "ü".repeat(300) } });
  for (const format of ["jsonl", "json", "csv", "pluresdb"]) {
    const told = [];
    const blob = await db.exportBlob({ format, type: "T", onProgress: (progress) => told.push(progress) });
    assert.deepEqual(told.at(-1), { done: 600, total: 600, nodes: 600, edges: 0 }, format);
    assert.match(blob.type, /^(application|text)\//);
    for (const source of [blob, new Uint8Array(await blob.arrayBuffer()), ...(format === "pluresdb" ? [] : [await blob.text()])]) {
      const copy = await fresh();
      const heard = [];
      const size = format === "pluresdb" ? 600 : (source.size ?? source.length);
      const end = await copy.import(source, { format, type: "T", onProgress: (progress) => heard.push(progress) });
      assert.deepEqual(end, { done: size, total: size, nodes: 600, edges: 0 }, format);
      assert.deepEqual(heard.at(-1), end);
      assert.ok(heard.every(({ done, total }) => done <= total && total === size));
      await copy.close();
    }
    const ended = new Error("enough");
    const signal = AbortSignal.abort(ended);
    assert.equal(await text(db.export({ format, type: "T", signal })).catch((error) => error), ended, format);
    const copy = await fresh();
    assert.equal(await copy.import(blob, { format, type: "T", signal }).catch((error) => error), ended, format);
    assert.equal((await copy.status()).nodes, 0);
    await copy.close();
  }
});

test("what a listener of progress throws ends nothing, and is an uncaught error", async () => {
  const db = await fresh();
  const uncaught = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error.message));
  const options = { onProgress: () => { throw new Error("mine"); } };
  try {
    assert.equal((await db.import('{"id":"a","type":"T","data":{}}', options)).nodes, 1);
    for (const format of ["jsonl", "csv", "pluresdb"]) await db.exportBlob({ ...options, format, type: "T" });
    await turn();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  }
  assert.deepEqual(uncaught, ["mine", "mine", "mine", "mine"]);
});

test("fields of any name go through CSV", async () => {
  const db = await fresh();
  const data = { id: 1, ID: 2, type: "x", updated: 3, Data: 4, data: 5, "data.id": 6, "data.data.id": 7, "data.": 8, "": 9, label: 10 };
  await db.put({ id: "a", type: "Odd", data });
  await db.put({ id: "b", type: "Odd", data: { updated: 1 } });
  const csv = await text(db.export({ format: "csv", type: "Odd" }));
  const copy = await fresh();
  await copy.import(csv, { format: "csv", type: "Odd" });
  assert.deepEqual((await copy.get("a")).data, data);
  assert.equal(await text(copy.export({ format: "csv", type: "Odd" })), csv);
  assert.equal(await text(copy.export()), await text(db.export()));
  assert.equal((await failure(text(db.export({ format: "csv", type: "Nothing" })))).code, "sql");
});

test("fields whose names are taken have the names of their columns in rows of a type", async () => {
  const db = await fresh();
  const odd = await db.type("Odd", {
    id: { type: "integer" },
    type: { type: "string" },
    updated: { type: "integer" },
    data: { type: "integer" },
    name: { type: "string", renamed_from: ["label"] },
  });
  const data = { id: 1, type: "x", updated: 3, data: 4, name: "n" };
  const node = await odd.put(data, { id: "a" });
  await odd.put({ ...data, updated: 2 }, { id: "b" });
  assert.deepEqual((await odd.get(node)).data, data);
  const row = { id: "a", "data.id": 1, type: "x", "data.updated": 3, "data.data": 4, name: "n" };
  assert.deepEqual(await odd.where(`"data.updated" > ?`, [2]), [row]);
  assert.deepEqual((await odd.where(`ORDER BY "data.updated"`)).map(({ id }) => id), ["b", "a"]);
  const seen = [];
  odd.live(`"data.id" = 1 ORDER BY id`, [], ({ rows }) => seen.push(rows[0]));
  assert.deepEqual(seen, [row]);
});

test("the error of an import names the line of its source, whatever the format", async () => {
  const node = (n) => JSON.stringify({ id: `n${n}`, type: "T", data: { n, text: "x".repeat(30) } });
  const message = async (source, options) => {
    const { code, message } = await failure((await fresh()).import(source, options));
    assert.equal(code, "import");
    return message;
  };
  const pieces = async function* (whole, size) {
    for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size);
  };
  const lines = Array.from({ length: 3000 }, (_, n) => (n % 7 === 0 ? "" : node(n)));
  lines[2498] = "{bad";
  for (const whole of [lines.join("\n"), `\ufeff${lines.join("\r\n")}`]) {
    assert.match(await message(whole), /^line 2499: /);
    assert.match(await message(pieces(whole, 1000)), /^line 2499: /);
  }
  const bad = '{"id": 7}';
  for (const [json, line] of [
    [`[\n${node(1)},\n${node(2)},\n${bad}\n]`, 4],
    [`[\r\n  {\r\n    "id": "a", "type": "T",\r\n    "data": {"text": "b"}\r\n  },\r\n\r\n  ${bad}\r\n]`, 7],
    // Each element counts as a line where several share one.
    [`[${node(1)}, ${node(2)}, ${bad}]`, 3],
    [`[${node(1)}, ${node(2)},\n\n\n ${bad}]`, 4],
  ]) {
    assert.match(await message(json, { format: "json" }), new RegExp(`^line ${line}: `), json);
    assert.match(await message(pieces(json, 3), { format: "json" }), new RegExp(`^line ${line}: `), json);
  }
  for (const [csv, line] of [
    ['id,n\r\na,1\r\nb,"1\r\n2"\r\n\r\nc,1,2\r\n', 6],
    ["id,n\na,1\nb,2,3", 3],
    ['id,n\ra,1\rb,"2', 3],
  ]) {
    assert.match(await message(csv, { format: "csv", type: "T" }), new RegExp(`^line ${line}: `), csv);
    assert.match(await message(pieces(csv, 1), { format: "csv", type: "T" }), new RegExp(`^line ${line}: `), csv);
  }
  const db = await fresh();
  await db.defineType({ name: "Whole", fields: { n: { type: "integer" } } });
  const csv = 'n,text\r\n1,"a\r\n\r\nb"\r\n\r\nfour,x\r\n';
  assert.match((await failure(db.import(csv, { format: "csv", type: "Whole" }))).message, /^line 6: .*must be a whole number/);
});

test("a text that begins with a byte order mark is read without it", async () => {
  const node = '{"id":"a","type":"T","data":{}}';
  const bytes = new TextEncoder().encode(`\ufeff${node}`);
  for (const source of [`\ufeff${node}`, bytes]) {
    const db = await fresh();
    assert.equal((await db.import(source)).nodes, 1);
  }
  const progress = await (await fresh()).importJsonl(`\ufeff${node}`);
  assert.equal(progress.done, progress.total);
});

test("an import whose source ends once the database is closed fails", async () => {
  for (const lines of [[], ['{"id":"a","type":"T","data":{}}\n']]) {
    const db = await fresh();
    let end;
    const ended = new Promise((resolve) => { end = resolve; });
    const source = async function* () {
      yield* lines;
      await ended;
    };
    const imported = failure(db.import(source()));
    await db.status();
    await db.close();
    end();
    assert.equal((await imported).code, "closed");
  }
});

test("a cell is a number only where JavaScript writes it so, and comes back as it was exported", async () => {
  const texts = ["1.10", "12345678901234567.123", "9999999999999999999", "-0", "1E3", "Infinity"];
  const numbers = [1e-7, 1e21, 1e19, -1.5, 2 ** 31, 9223372036854775807n];
  const cells = [...texts, ...numbers.map(String)];
  const db = await fresh();
  await db.import(`id,${cells.map((_, at) => `c${at}`).join(",")}\r\na,${cells.join(",")}\r\n`, { format: "csv", type: "N" });
  const { data } = await db.get("a");
  assert.deepEqual(cells.map((_, at) => data[`c${at}`]), [...texts, ...numbers]);
  assert.equal((await text(db.export({ format: "csv", type: "N" }))).split("\r\n")[1].split(",").sort().join(), ["a", ...cells].sort().join());
  await db.close();
});

test("what a source fails with is not taken for bytes that are no UTF-8", async () => {
  const db = await fresh();
  const broken = new TypeError("network error");
  async function* source(line) {
    yield new TextEncoder().encode(line);
    throw broken;
  }
  for (const [format, line] of [["jsonl", '{"id":"a","type":"T","data":{}}\n'], ["csv", "id\na\n"]]) {
    const error = await db.import(source(line), { format, type: "T" }).catch((error) => error);
    assert.equal(error.message, "network error", format);
  }
  assert.match((await failure(db.import(new Uint8Array([0xff]), { format: "jsonl" }))).message, /no UTF-8/);
  await db.close();
});

test("what is disposed of is closed and stopped", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "T", data: {} });
  let told = 0;
  const live = db.live("SELECT id FROM T", undefined, () => { told += 1; });
  live[Symbol.dispose]();
  const answers = [];
  const answer = db.liveAnswer((db) => db.list(), ({ answer }) => answers.push(answer.length));
  await turn();
  answer[Symbol.dispose]();
  await db.put({ id: "b", type: "T", data: {} });
  await turn();
  assert.equal(told, 1);
  assert.deepEqual(answers, [1]);
  await db[Symbol.asyncDispose]();
  assert.equal((await failure(db.get("a"))).code, "closed");
});

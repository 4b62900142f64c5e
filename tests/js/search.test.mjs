// Search by words through the package: options, marks, what was corrected.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "pluresdb";

async function notes() {
  const db = await open("memory://");
  await db.defineType({
    name: "Note",
    language: "en",
    fields: { title: { type: "string", full_text: { weight: 5 } }, body: { type: "string", full_text: true } },
  });
  await db.put({ id: "shop", type: "Note", data: { title: "Shopping", body: "Buy oat milk <now>" } });
  await db.put({ id: "milk", type: "Note", data: { title: "Milk", body: "Cows give it" } });
  await db.put({ id: "code", type: "Code", data: { name: "東京 tower" } });
  return db;
}

const ids = (hits) => hits.map(({ node }) => node.id);

test("weights, other forms of words, phrases and other scripts count", async () => {
  const db = await notes();
  assert.deepEqual(ids(await db.search("milk ")), ["milk", "shop"]);
  assert.deepEqual(ids(await db.search("shops ")), ["shop"]);
  assert.deepEqual(ids(await db.search('"oat milk" OR giving ')).sort(), ["milk", "shop"]);
  assert.deepEqual(ids(await db.search("milk -oat")), ["milk"]);
  assert.deepEqual(ids(await db.search("京", { type: "Code" })), ["code"]);
  await db.delete("milk");
  assert.deepEqual(ids(await db.search("milk ")), ["shop"]);
});

test("what was found is marked, and the text around it is safe to show", async () => {
  const db = await notes();
  const [hit] = await db.search("oat", { highlight: true });
  assert.equal(hit.snippet, "Buy <mark>oat</mark> milk &lt;now&gt;");
  assert.deepEqual(hit.highlights, { body: hit.snippet });
  const [plain] = await db.search("oat", { highlight: { open: "[", close: "]", words: 2 } });
  assert.equal(plain.snippet, "Buy [oat]…");
  assert.equal((await db.search("oat"))[0].snippet, undefined);
  await assert.rejects(db.search("oat", { highlight: { words: 0 } }), { code: "bad-option" });
});

test("a mistyped word is taken for another, and the hits say so beside themselves", async () => {
  const db = await notes();
  const hits = await db.search("mlik ");
  assert.deepEqual(ids(hits), ["milk", "shop"]);
  assert.deepEqual(hits.corrected, [{ typed: "mlik", taken: "milk" }]);
  assert.deepEqual(structuredClone(hits).corrected, hits.corrected);
  assert.equal((await db.search("milk ")).corrected, undefined);
  assert.deepEqual(await db.search("mlik ", { typos: false }), []);
});

test("a statement searches by every mode as the database does", async () => {
  const db = await open("memory://");
  const meaning = { kind: "vector", dimension: 3, embed_from: ["title"] };
  await db.defineType({ name: "Note", fields: { title: { type: "string" }, meaning } });
  for (const title of ["milk and bread", "bread", "oat milk", "tax bill"]) {
    await db.put({ id: title, type: "Note", data: { title } });
  }
  // Letters that tell what a text is of.
  const vector = (text) => Float32Array.from(["m", "b", "t"], (letter) => text.split(letter).length - 1);
  const embedder = { model: "letters", dimension: 3, embed: async (texts) => texts.map(vector) };
  await db.embed(embedder);
  let found = 0;
  for (const mode of ["words", "meaning", "hybrid"]) {
    for (const text of ["milk", "bread tax", "mmm bill"]) {
      const hits = await db.search(text, { mode, embedder, limit: 3 });
      const options = JSON.stringify({ mode, model: "letters" });
      const sql = "SELECT id, score FROM search(?1, NULL, 3, ?2, ?3)";
      const rows = await db.query(sql, [text, options, mode === "words" ? null : vector(text)]);
      assert.deepEqual(rows, hits.map(({ node, score }) => ({ id: node.id, score })), `${mode} ${text}`);
      found += rows.length;
    }
  }
  assert.ok(found > 15, `${found}`);
  const without = db.query(`SELECT id FROM search('milk', NULL, 3, '{"mode": "hybrid"}')`);
  await assert.rejects(without, { code: "no-embedder", message: /give the vector/ });
});

test("a mode that there is not is told of, with an embedder and without", async () => {
  const db = await notes();
  const embedder = { model: "one", dimension: 2, embed: async (texts) => texts.map(() => [1, 0]) };
  const fault = { code: "bad-option", message: `mode: "meanings" is none; give 'words', 'meaning' or 'hybrid'` };
  await assert.rejects(db.search("milk", { mode: "meanings" }), fault);
  await assert.rejects(db.search("milk", { mode: "meanings", embedder }), fault);
  await assert.rejects(db.search("milk", { mode: "meaning" }), { code: "no-embedder" });
});

test("a search is kept to the fields named", async () => {
  const db = await notes();
  assert.deepEqual(ids(await db.search("milk ", { fields: ["body"] })), ["shop"]);
  assert.deepEqual(ids(await db.search("milk ", { fields: ["title", "body"] })), ["milk", "shop"]);
  assert.deepEqual(await db.search('"oat milk"', { fields: ["title"] }), []);
  assert.deepEqual(ids(await db.search("mi", { fields: ["title"] })), ["milk"]);
  const embedder = { model: "one", dimension: 2, embed: async (texts) => texts.map(() => [1, 0]) };
  assert.deepEqual(ids(await db.search("milk ", { fields: ["title"], mode: "hybrid", embedder })), ["milk"]);
  const fault = { code: "bad-option", message: /no type declares a field "author".*body, title/ };
  await assert.rejects(db.search("milk", { fields: ["author"] }), fault);
  await assert.rejects(db.search("milk", { fields: ["title"], mode: "meaning", embedder }), { code: "bad-option" });
});

test("hybrid hits are marked too", async () => {
  const db = await notes();
  const embedder = { model: "one", dimension: 2, embed: async (texts) => texts.map(() => [1, 0]) };
  const hits = await db.search("oat ", { mode: "hybrid", embedder, highlight: true });
  assert.match(hits[0].snippet, /<mark>oat<\/mark>/);
  await assert.rejects(db.search("oat", { mode: "nearly", embedder }), { code: "bad-option" });
});

test("a type in another language than English is searched by the forms of its words", async () => {
  const db = await open("memory://");
  await db.defineType({ name: "Notiz", language: "de-AT", fields: { titel: { type: "string", full_text: true } } });
  await db.put({ id: "a", type: "Notiz", data: { titel: "Die alten Häuser & <Gärten>" } });
  const [hit] = await db.search("garten haus ", { highlight: true });
  assert.equal(hit.node.id, "a");
  assert.equal(hit.highlights.titel, "Die alten <mark>Häuser</mark> &amp; &lt;<mark>Gärten</mark>&gt;");
  const refused = await db.defineType({ name: "Other", language: "ja", fields: {} }).catch((error) => error);
  assert.equal(refused.code, "bad-type");
  await db.close();
});

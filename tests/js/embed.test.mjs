/* global window -- inside pages */

// `pluresdb/embed`, and vectors of texts in a database: in Node, and in a page that keeps them.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { PluresError, open } from "pluresdb";
import { staticModel } from "pluresdb/embed";
import { browserSite } from "./lib/package-page.mjs";

const dist = fileURLToPath(new URL("../../wasm/dist", import.meta.url));
const fixture = new URL("../../core/tests/fixtures/embed/static-en-256.jsonl", import.meta.url);

const note = (dimension) => ({
  id: "$type/Note",
  type: "$type",
  data: { fields: { title: { type: "string" }, meaning: { kind: "vector", dimension, embed_from: ["title"] } } },
});

async function notes(count, dimension) {
  const db = await open("memory://");
  await db.put(note(dimension));
  for (let n = 0; n < count; n += 1) await db.put({ id: `n${n}`, type: "Note", data: { title: `Title ${n}` } });
  return db;
}

/** An embedder of two numbers that keeps what it was asked. */
function lengths(embed = (texts) => texts.map((text) => Float32Array.of(text.length, 1))) {
  const asked = [];
  return {
    asked,
    model: "lengths",
    dimension: 2,
    embed: async (texts) => {
      asked.push(...texts);
      return embed(texts);
    },
  };
}

const failure = (promise) =>
  promise.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );

test("the static model makes the vectors that other programs make of it", async () => {
  const model = await staticModel();
  assert.deepEqual([model.model, model.dimension], ["static-en-256/1", 256]);
  const lines = readFileSync(fixture, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const vectors = await model.embed(lines.map(({ text }) => text));
  for (const [at, { text, vector }] of lines.entries()) {
    if (vector === null) {
      assert.equal(vectors[at], null, text);
      continue;
    }
    assert.ok(vectors[at] instanceof Float32Array);
    for (const [place, number] of vector.entries()) {
      assert.ok(Math.abs(vectors[at][place] * 10_000 - number) <= 1, `${text}: ${place}`);
    }
  }
});

test("the parts of the model may come from elsewhere, and what is missing or wrong is told", async () => {
  const weights = await readFile(join(dist, "static-en-256.safetensors"));
  const model = await staticModel({ weights });
  assert.equal((await model.embed(["a dog"]))[0].length, 256);

  const missing = await failure(staticModel({ weights: "file:///nowhere" }));
  assert.ok(missing instanceof PluresError);
  assert.equal(missing.code, "no-model");
  assert.match(missing.message, /weights.*nowhere/);
  const wrong = await failure(staticModel({ vocabulary: new TextEncoder().encode("[UNK]\na") }));
  assert.equal(wrong.code, "bad-model");
  assert.match(wrong.message, /2 pieces and the model 29528 rows/);
});

test("what only search by meaning needs is in files that the package itself does not name", () => {
  const code = readdirSync(dist).filter((name) => name.endsWith(".js"));
  const reached = new Set();
  const follow = (name) => {
    if (reached.has(name)) return;
    reached.add(name);
    const text = readFileSync(join(dist, name), "utf8");
    assert.doesNotMatch(text, /static-en-256|pluresdb_embed/, name);
    for (const other of code) if (text.includes(`./${other}`)) follow(other);
  };
  follow("index.js");
  follow("node.js");
  assert.ok(reached.size > 2, "the shared files were found");
});

test("vectors are made in batches with progress, once, and again for what changed", async () => {
  const db = await notes(5, 256);
  const progress = [];
  const model = await staticModel();
  const done = await db.embed(model, { batch: 2, onProgress: (seen) => progress.push(seen) });
  assert.deepEqual(done, { made: 5, pending: 0 });
  assert.deepEqual(progress.map(({ pending }) => pending), [3, 1, 0]);
  await db.patch("n1", { title: "Another" });
  progress.length = 0;
  assert.deepEqual(await db.embed(model, { onProgress: (seen) => progress.push(seen) }), { made: 5, pending: 0 });
  assert.equal(progress.length, 1);
  await db.close();
});

test("a function may be the model, and its mistakes are told by code", async () => {
  const db = await notes(3, 2);
  const mistakes = [
    [() => "no", "embed-answer", /no array/],
    [() => [], "embed-answer", /0 vectors for 3 texts/],
    [(texts) => texts.map(() => Float32Array.of(1)), "embed-answer", /one of 1 numbers, not 2/],
    [(texts) => texts.map(() => [NaN, 1]), "embed-answer", /number NaN/],
    [(texts) => texts.map(() => "x"), "embed-answer", /no Float32Array/],
  ];
  for (const [embed, code, message] of mistakes) {
    const error = await failure(db.embed(lengths(embed)));
    assert.equal(error.code, code);
    assert.match(error.message, message);
  }
  const own = new Error("of the application");
  assert.equal(await failure(db.embed(lengths(() => { throw own; }))), own);
  const other = await failure(db.embed({ ...lengths(), dimension: 3 }));
  assert.equal(other.code, "embed-dimension");

  const model = lengths((texts) => texts.map((text) => (text.includes("1") ? null : [text.length, 0])));
  assert.deepEqual(await db.embed(model), { made: 3, pending: 0 });
  assert.deepEqual(model.asked, ["Title 0\n", "Title 1\n", "Title 2\n"]);
  await db.close();
});

test("nodes are found by meaning, by words, and by both", async () => {
  const db = await open("memory://");
  await db.put(note(256));
  const titles = {
    vet: "Call the animal doctor about the puppy",
    tax: "Pay the tax bill before Friday",
    tea: "Brew a pot of green tea",
  };
  for (const [id, title] of Object.entries(titles)) await db.put({ id, type: "Note", data: { title } });
  const embedder = await staticModel();
  await db.embed(embedder);
  const ids = async (text, options) => (await db.search(text, options)).map(({ node }) => node.id);
  for (const mode of ["meaning", "hybrid"]) {
    assert.equal((await ids("veterinarian for my dog", { mode, embedder }))[0], "vet", mode);
    assert.deepEqual(await ids("something hot to drink", { mode, embedder, limit: 1, type: "Note" }), ["tea"], mode);
    assert.deepEqual(await ids("tea", { mode, embedder, type: "Other" }), [], mode);
  }
  assert.deepEqual(await ids("veterinarian for my dog"), []);
  assert.equal((await failure(db.search("tea", { mode: "meaning" }))).code, "no-embedder");
  const mistaken = { ...embedder, embed: async () => [[1, 2]] };
  assert.equal((await failure(db.search("tea", { mode: "meaning", embedder: mistaken }))).code, "embed-answer");
  await db.delete("tea");
  assert.ok(!(await ids("something hot to drink", { mode: "meaning", embedder })).includes("tea"));
  await db.close();
});

test("vectors are kept made in the background, over failures, until that is stopped", async () => {
  const db = await notes(1, 2);
  let broken = true;
  const errors = [];
  let told = () => {};
  const model = lengths((texts) => {
    if (broken) throw new Error("not now");
    return texts.map(() => [1, 0]);
  });
  const until = async (reached) => {
    while (!reached()) await new Promise((resolve) => (told = resolve));
  };
  let progress = null;
  const stop = db.keepEmbedded(model, {
    onProgress: (seen) => { progress = seen; told(); },
    onError: (error) => { errors.push(error.message); broken = false; told(); },
  });
  await until(() => progress?.made === 1);
  assert.deepEqual(errors, ["not now"]);
  await db.put({ id: "later", type: "Note", data: { title: "Later" } });
  await until(() => progress?.made === 2);
  stop();
  model.asked.length = 0;
  await db.put({ id: "after", type: "Note", data: { title: "After" } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(model.asked, []);
  await db.close();
});

test("a page loads the model when asked, and keeps the vectors made", async (t) => {
  const page = await (await browserSite(t)).open();
  const loaded = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  const first = await page.evaluate(async (note) => {
    const db = await window.pluresdb.open("idb://meaning");
    await db.put(note);
    const lines = Array.from({ length: 600 }, (_, n) => JSON.stringify({ id: `n${n}`, type: "Note", data: { title: `Title ${n}` } }));
    await db.importJsonl(lines.join("\n"));
    const before = performance.getEntriesByType("resource").map(({ name }) => name);
    const { staticModel } = await import("/pluresdb/embed.js");
    const imported = performance.getEntriesByType("resource").map(({ name }) => name);
    const model = await staticModel();
    const done = await db.embed(model, { batch: 300 });
    // The image that holds the vectors is written in a quiet moment; until then they would be made again.
    const madeAgain = async () => {
      const other = await window.pluresdb.open("idb://meaning");
      let count = 0;
      const embed = async (texts) => {
        count += texts.length;
        return model.embed(texts);
      };
      await other.embed({ model: model.model, dimension: model.dimension, embed });
      await other.close();
      return count;
    };
    const again = [];
    while (again.length < 50 && again.at(-1) !== 0) {
      again.push(await madeAgain());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await db.close();
    return { before, imported, done, again };
  }, note(256));
  assert.deepEqual(first.done, { made: 600, pending: 0 });
  assert.equal(first.again.at(-1), 0, `made again: ${first.again}`);
  const heavy = (names) => names.filter((name) => /safetensors|embed_wasm/.test(name));
  assert.deepEqual(heavy([...first.before, ...first.imported]), [], "nothing is loaded before it is asked for");
  assert.deepEqual(heavy(loaded).sort(), ["/pluresdb/pluresdb_embed_wasm_bg.wasm", "/pluresdb/static-en-256.safetensors"]);
});

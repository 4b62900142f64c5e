// Errors of the package: how they show, what they advise, and that each code is written about.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { PluresError, open } from "pluresdb";
import { failure } from "./lib/failure.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

async function sources(folder, ending) {
  const names = await readdir(join(root, folder), { recursive: true });
  return Promise.all(names.filter((name) => name.endsWith(ending)).map((name) => readFile(join(root, folder, name), "utf8")));
}

test("each code that the engine, its bindings and the package give is written about", async () => {
  const engine = await readFile(join(root, "core/src/engine/error.rs"), "utf8");
  const codes = new Set();
  const note = (text, pattern) => {
    for (const [, code] of text.matchAll(pattern)) codes.add(code);
  };
  note(/pub fn code\(&self\)[\s\S]*?\n {4}\}\n/.exec(engine)[0], /=> "([a-z-]+)",/g);
  for (const text of await sources("core/src/embed", ".rs")) note(text, /=> "(embed-[a-z-]+|bad-[a-z-]+)"/g);
  for (const text of await sources("wasm/src", ".rs")) note(text, /Fault::new\(\s*"([a-z-]+)"|Self::new\(\s*"([a-z-]+)"/g);
  for (const text of await sources("wasm/js", ".ts")) note(text, /new PluresError\(\s*"([a-z-]+)"/g);
  codes.delete(undefined);
  assert.ok(codes.size > 50, String(codes.size));
  const docs = await readFile(join(root, "docs/errors.md"), "utf8");
  assert.deepEqual([...codes].filter((code) => !docs.includes(`\`${code}\``)), []);
});

test("an error shows its class, and nothing that it has not", async () => {
  const db = await open("memory://");
  const error = await failure(db.get(7));
  assert.equal(error.name, "PluresError");
  assert.equal(PluresError.name, "PluresError");
  assert.match(error.stack, /^PluresError: id: expected a text/);
  assert.deepEqual(Object.keys(error), ["code"]);
  assert.match(inspect(error), /^PluresError: id: /);
  await db.close();
});

test("an array of JSON that is imported as lines has a hint", async () => {
  const db = await open("memory://");
  for (const array of ["[\n]", '[{"id":"a","type":"T","data":{}}]']) {
    assert.match((await failure(db.import(array))).hint, /format `json`/);
  }
  assert.match((await failure(db.import("x"))).hint, /last progress/);
  await db.close();
});

test("a statement that goes wrong in a common way has a hint", async () => {
  const db = await open("memory://");
  for (const [work, hint] of [
    [() => db.query("SELECT * FROM Nowhere"), /definition or first node/],
    [() => db.sql`SELECT id FROM nodes WHERE id = '${"a"}'`.then((rows) => rows), /without quotes/],
    [() => db.sql`SELECT * FROM ${"nodes"}`.then((rows) => rows), /name of a table/],
  ]) {
    const error = await failure(work());
    assert.equal(error.code, "sql");
    assert.match(error.hint, hint);
  }
  assert.ok(!("hint" in (await failure(db.query("SELEC 1")))));
  await db.close();
});

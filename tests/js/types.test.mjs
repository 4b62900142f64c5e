// Types through the npm package: defining them, what they refuse, what is listed, JSON Schema both ways.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "pluresdb";
import { failure } from "./lib/failure.mjs";

const fresh = (options) => open("memory://", options);

const note = {
  name: "Note",
  version: 1,
  fields: {
    title: { type: "string", required: true, max_length: 20 },
    stars: { type: "integer", minimum: 0, maximum: 5, default: 0, indexed: true },
    tags: { kind: "set", items: { type: "string" } },
    body: { kind: "text" },
  },
};

test("a write that breaks its type is refused with path, rule and value", async () => {
  const db = await fresh();
  assert.deepEqual(await db.defineType(note), { result: "written", version: 1 });
  await db.put({ id: "a", type: "Note", data: { title: "Buy milk" } });
  assert.deepEqual((await db.get("a")).data, { title: "Buy milk", stars: 0 });

  const bad = { title: "x".repeat(21), stars: 2n ** 60n, tags: ["a", 7] };
  for (const write of [
    () => db.put({ id: "b", type: "Note", data: bad }),
    () => db.patch("a", bad),
    () => db.transaction((tx) => tx.put({ id: "b", type: "Note", data: bad })),
  ]) {
    const error = await failure(write());
    assert.equal(error.code, "invalid");
    const broken = error.violations.map(({ path, rule, value }) => ({ path, rule, value }));
    assert.deepEqual(broken, [
      { path: "stars", rule: "maximum", value: "1152921504606846976" },
      { path: "tags[1]", rule: "type", value: "7" },
      { path: "title", rule: "max_length", value: `"${"x".repeat(21)}"` },
    ]);
    assert.match(error.message, /stars: must be at most 5/);
  }
  const missing = await failure(db.put({ id: "b", type: "Note", data: {} }));
  assert.deepEqual(
    missing.violations.map(({ path, rule, value }) => [path, rule, value]),
    [["title", "required", null]],
  );
  assert.equal(await db.get("b"), null);
  await db.close();
});

test("definitions are read back as they were given", async () => {
  const db = await fresh();
  await db.defineType(note);
  await db.defineType({ name: "Empty" });
  assert.deepEqual(await db.types(), [{ name: "Empty" }, note]);
});

test("a definition that cannot be is refused with its place", async () => {
  const db = await fresh();
  const refused = [
    [{ name: "Note", fields: { a: { type: "strin" } } }, "bad-type", /fields\.a\.type: must be one of/],
    [{ name: "Note", felds: {} }, "bad-type", /felds: there is no such key/],
    [{ fields: {} }, "bad-value", /^name: is missing/],
    [{ name: 7 }, "bad-value", /^name: expected a text/],
    [{ name: "Note", fields: { a: { default: NaN } } }, "bad-value", /^fields\.a\.default: /],
    ["Note", "bad-value", /expected a plain object, found a text/],
  ];
  for (const [definition, code, message] of refused) {
    const error = await failure(db.defineType(definition));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  }
  assert.deepEqual(await db.types(), []);
});

test("a later version stays, and the same definition writes nothing", async () => {
  const db = await fresh();
  const later = { ...note, version: 2, fields: { ...note.fields, label: { renamed_from: ["title"] } } };
  delete later.fields.title;
  await db.defineType(later);
  const { records } = await db.status();
  assert.deepEqual(await db.defineType(note), { result: "kept", version: 2 });
  assert.deepEqual(await db.defineType(later), { result: "same", version: 2 });
  assert.equal((await db.status()).records, records);
});

test("what does not fit is listed", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "Note", data: { stars: 1 } });
  await db.put({ id: "b", type: "Note", data: { title: "b", stars: 9 } });
  await db.put({ id: "c", type: "Task", data: {} });
  await db.defineType(note);
  const listed = await db.violations();
  assert.deepEqual(
    listed.map(({ id, type, path, rule, value }) => [id, type, path, rule, value]),
    [["a", "Note", "title", "required", null], ["b", "Note", "stars", "maximum", "9"]],
  );
  assert.equal(listed[1].message, "must be at most 5");
  assert.deepEqual(await db.violations({ type: "Note", limit: 1 }), listed.slice(0, 1));
  assert.deepEqual(await db.violations({ type: "Task" }), []);
  await db.patch("b", { stars: 5 });
  assert.deepEqual(await db.violations(), listed.slice(0, 1));
});

test("a JSON Schema goes in and comes out", async () => {
  const db = await fresh();
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Paper",
    type: "object",
    properties: {
      title: { type: "string", minLength: 1 },
      year: { type: ["integer", "null"], format: "year" },
      votes: { type: "integer", "x-pluresdb": { kind: "counter" } },
    },
    required: ["title"],
    additionalProperties: false,
  };
  const { result, ignored } = await db.defineJsonSchema(schema);
  assert.equal(result, "written");
  assert.deepEqual(ignored, ["properties.year.format"]);
  const out = await db.jsonSchema("Paper");
  delete schema.properties.year.format;
  assert.deepEqual(out, schema);
  assert.equal((await db.defineJsonSchema(out)).result, "same");
  await db.defineJsonSchema(out, { name: "Copy" });
  assert.deepEqual((await db.types()).map(({ name }) => name), ["Copy", "Paper"]);
  assert.equal(await db.jsonSchema("None"), null);

  const error = await failure(db.put({ id: "a", type: "Paper", data: { title: "", pages: 3 } }));
  assert.deepEqual(error.violations.map(({ path, rule }) => [path, rule]), [
    ["title", "min_length"],
    ["pages", "unknown-field"],
  ]);
  const unchecked = { title: "P", properties: { title: { pattern: "^A" } } };
  assert.match((await failure(db.defineJsonSchema(unchecked))).message, /properties\.title\.pattern: cannot be checked/);
});

test("a renamed field is read and written under its new name, and a view has both", async () => {
  const db = await fresh();
  await db.put({ id: "a", type: "Note", data: { title: "old" } });
  await db.defineType({ name: "Note", fields: { label: { type: "string", renamed_from: ["title"] } } });
  assert.deepEqual((await db.get("a")).data, { label: "old" });
  await db.patch("a", { label: "new" });
  assert.deepEqual(await db.query("SELECT label, title FROM Note"), [{ label: "new", title: "new" }]);
  assert.equal((await db.search("new")).length, 1);
});

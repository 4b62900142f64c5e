import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const parameters = await load("page/parameters.ts");
const { diff } = await load("node/diff.ts");
const json = await load("node/json.ts");
const { coalesce } = await load("page/coalesce.ts");

async function load(path) {
  const entry = fileURLToPath(new URL(`../../demo/src/${path}`, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

test("the relay is where the page came from unless the address says otherwise", () => {
  const read = (address) => parameters.readParameters(new URL(address));
  assert.deepEqual(read("http://localhost:8080/"), {
    name: "demo",
    space: "706c7572657364622d64656d6f2d3031",
    relay: "ws://localhost:8080/v1/sync",
  });
  assert.equal(read("https://example.org/?db=a").relay, "wss://example.org/v1/sync");
  assert.equal(read("http://localhost/?relay=off").relay, null);
  assert.equal(read("http://localhost/?relay=ws://other:1/v1/sync").relay, "ws://other:1/v1/sync");
});

test("an address that makes no sense is refused", () => {
  for (const query of ["db=", "db=a/b", "space=12", "relay=http://localhost"]) {
    assert.throws(() => parameters.readParameters(new URL(`http://localhost/?${query}`)), /must be/, query);
  }
});

test("a second window has a database of its own and the rest of the address", () => {
  const second = (address, name) => parameters.secondWindow(new URL(address), name);
  assert.equal(second("http://localhost/?relay=off", "demo"), "http://localhost/?relay=off&db=demo-2");
  assert.equal(second("http://localhost/?db=demo-2", "demo-2"), "http://localhost/?db=demo-3");
});

test("an edit writes only what it changed", () => {
  const before = { same: [1, { a: 2 }], gone: 1, text: "old", inner: { keep: 1, change: 2, drop: 3 } };
  const after = { same: [1, { a: 2 }], text: "new", inner: { keep: 1, change: 4 }, more: null };
  const patch = diff(before, after);
  assert.deepEqual(patch, { gone: undefined, text: "new", inner: { drop: undefined, change: 4 }, more: null });
  assert.ok("gone" in patch && "drop" in patch.inner);
  assert.equal(diff(before, structuredClone(before)), null);
});

test("values that JSON lacks survive the editor", () => {
  const data = { big: 2n ** 60n, bytes: new Uint8Array([0, 255, 7]), plain: { a: [1.5, true, null, "x"] } };
  assert.deepEqual(json.fieldsFromText(json.toText(data)), data);
});

test("text that would lose something is refused", () => {
  assert.throws(() => json.fieldsFromText('{"n": 9007199254740993}'), /beyond the exact numbers/);
  assert.throws(() => json.fieldsFromText("[1]"), /one JSON object/);
  assert.throws(() => json.fieldsFromText("{"), SyntaxError);
});

test("many asks become one run, and an ask during a run is not lost", async () => {
  let runs = 0;
  const errors = [];
  const ask = coalesce(
    async () => {
      if (++runs === 1) {
        ask();
        ask();
        throw new Error("first");
      }
    },
    (error) => errors.push(error.message),
  );
  for (let i = 0; i < 10; i++) ask();
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(runs, 2);
  assert.deepEqual(errors, ["first"]);
});

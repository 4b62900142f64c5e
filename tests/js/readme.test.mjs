/** The examples of the README, of the package's and of `docs/fields.md`, `docs/history.md`, `docs/search.md`, `docs/sql.md`, `docs/live.md`, `docs/types.md`, `docs/browser.md`, `docs/vectors.md` and `docs/graph.md`, `docs/errors.md` run as they stand. The Rust one is a test of the crate's documentation. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pluresdb, run } from "./lib/process.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");
const fields = await readFile(join(root, "docs", "fields.md"), "utf8");
const types = await readFile(join(root, "docs", "types.md"), "utf8");
const graph = await readFile(join(root, "docs", "graph.md"), "utf8");
const search = await readFile(join(root, "docs", "search.md"), "utf8");
const sql = await readFile(join(root, "docs", "sql.md"), "utf8");
const errors = await readFile(join(root, "docs", "errors.md"), "utf8");
const javascript = await readFile(join(root, "docs", "javascript.md"), "utf8");
const live = await readFile(join(root, "docs", "live.md"), "utf8");
const vectors = await readFile(join(root, "docs", "vectors.md"), "utf8");
const browser = await readFile(join(root, "docs", "browser.md"), "utf8");
const ofPackage = await readFile(join(root, "wasm", "README.md"), "utf8");
const history = await readFile(join(root, "docs", "history.md"), "utf8");

test("the JavaScript example prints what it says", async () => {
  assert.equal(await print(example(readme, "js")), "[ { title: 'Feed the cat' } ]\ncat\ncat\n");
});

test("the examples of fields print what they say", async () => {
  const counted = example(fields, "js", "increment");
  assert.equal(await print(counted), `${/^\/\/ (\{.*\})$/m.exec(counted)[1]}\n`);
  assert.equal(await print(example(fields, "js", "Y.Doc")), "Get oat milk\nGet oat milk\n");
});

for (const [name, page] of Object.entries({ history, search, SQL: sql, live, browser, vectors, JavaScript: javascript, errors, "the package": ofPackage })) {
  test(`the examples of ${name} print what they say`, async () => {
    const scripts = examples(page, "js").filter((text) => text.includes("import"));
    assert.ok(scripts.length > 0);
    for (const script of scripts) {
      const said = [...script.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
      assert.equal(await print(script), said);
    }
  });
}

test("the example of types prints what it says", async () => {
  const script = example(types, "js");
  const said = [...script.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
  assert.equal(await print(script), said);
});

test("the examples of the graph print what they say, and run", async () => {
  const script = example(graph, "js");
  const said = [...script.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
  assert.equal(await print(script), said);
  const printed = await shell(example(graph, "sh"));
  assert.match(printed, /oslo > voss > bergen/);
  assert.match(printed, /reaches/);
});

test("the shell example of history runs", async () => {
  const printed = await shell(example(history, "sh"));
  assert.match(printed, /set title "Rome by train"/);
  assert.match(printed, /Forgot 0 records/);
});

test("the shell example runs", async () => {
  const printed = await shell(example(readme, "sh", "pluresdb init"), async (folder) => {
    assert.match(await readFile(join(folder, "notes.jsonl"), "utf8"), /"source":"milk"/);
  });
  assert.match(printed, /milk\|Buy milk/);
  assert.match(printed, /before/);
});

/** Runs commands in a folder of their own, and looks at it; gives what they print. */
async function shell(commands, look = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), "pluresdb-readme-"));
  try {
    const script = `cd ${folder}\nPATH=${dirname(pluresdb)}:$PATH\nset -e\n${commands}`;
    const printed = await run("sh", ["-c", script]);
    await look(folder);
    return printed;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs a script; gives what it prints. */
async function print(text) {
  // Beside the other tests, so that Node finds the package by its name.
  const script = join(root, "tests", "js", `.readme-${process.pid}.mjs`);
  await writeFile(script, text);
  try {
    return await run(process.execPath, [script]);
  } finally {
    await rm(script);
  }
}

function examples(document, language) {
  return [...document.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map((match) => match[1]);
}

function example(document, language, containing = "") {
  const block = examples(document, language).find((text) => text.includes(containing));
  assert.ok(block, `there is no ${language} example with ${containing}`);
  return block;
}

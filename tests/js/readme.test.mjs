/** The examples of the README run as they stand. The Rust one is a test of the crate's documentation. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pluresdb, run } from "./lib/process.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");

test("the JavaScript example prints what it says", async () => {
  // Beside the other tests, so that Node finds the package by its name.
  const script = join(root, "tests", "js", `.readme-${process.pid}.mjs`);
  await writeFile(script, example("js"));
  try {
    const printed = await run(process.execPath, [script]);
    assert.equal(printed, "[ { title: 'Feed the cat' } ]\ncat\ncat\n");
  } finally {
    await rm(script);
  }
});

test("the shell example runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pluresdb-readme-"));
  try {
    const script = `cd ${folder}\nPATH=${dirname(pluresdb)}:$PATH\nset -e\n${example("sh", "pluresdb init")}`;
    const printed = await run("sh", ["-c", script]);
    assert.match(printed, /milk\|Buy milk/);
    assert.match(printed, /before/);
    assert.match(await readFile(join(folder, "notes.jsonl"), "utf8"), /"source":"milk"/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

function example(language, containing = "") {
  const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map((match) => match[1]);
  const block = blocks.find((text) => text.includes(containing));
  assert.ok(block, `the README has no ${language} example`);
  return block;
}

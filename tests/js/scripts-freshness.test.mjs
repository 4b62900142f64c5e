// What is built again, and what is left alone.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fingerprint, isFresh, markFresh } from "../../scripts/lib/freshness.mjs";
import { root } from "../../scripts/lib/paths.mjs";

const stamp = "freshness-test";
const folder = join(".cache", stamp);
const file = (name) => join(root, folder, name);

beforeEach(() => {
  mkdirSync(file("dist"), { recursive: true });
  writeFileSync(file("a.ts"), "1");
  writeFileSync(file("b.ts"), "2");
});

afterEach(() => {
  rmSync(join(root, folder), { recursive: true, force: true });
  rmSync(join(root, ".cache", "build", stamp), { force: true });
});

test("a changed, moved or removed source changes the fingerprint", () => {
  const first = fingerprint([folder]);
  writeFileSync(file("a.ts"), "3");
  const changed = fingerprint([folder]);
  rmSync(file("a.ts"));
  const removed = fingerprint([folder]);
  writeFileSync(file("c.ts"), "3");
  const moved = fingerprint([folder]);
  assert.equal(new Set([first, changed, removed, moved]).size, 4);
});

test("a new time or a new output leaves the fingerprint", () => {
  const first = fingerprint([folder]);
  utimesSync(file("a.ts"), 1, 1);
  writeFileSync(file("dist/a.js"), "built");
  assert.equal(fingerprint([folder]), first);
});

test("what was built is fresh until a source differs or an output is gone", () => {
  const print = fingerprint([folder]);
  const product = join(folder, "dist");
  assert.equal(isFresh(stamp, print, [product]), false);
  markFresh(stamp, print);
  assert.equal(isFresh(stamp, print, [product]), true);
  assert.equal(isFresh(stamp, "another", [product]), false);
  rmSync(file("dist"), { recursive: true });
  assert.equal(isFresh(stamp, print, [product]), false);
});

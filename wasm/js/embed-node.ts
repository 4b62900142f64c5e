/** `pluresdb/embed` in Node: the model comes from the file system. */

import { readFile } from "node:fs/promises";
import { fetched, loadStatic } from "./embed/static.ts";
import type { Embedder, StaticModelOptions } from "./types.ts";

export { PluresError } from "./errors.ts";
export type { Embedder, StaticModelOptions };

/** An English embedding model that needs no server: vectors of 256 numbers. */
export function staticModel(options: StaticModelOptions = {}): Promise<Embedder> {
  return loadStatic(options, read, {
    wasm: () => new URL("pluresdb_embed_wasm_bg.wasm", import.meta.url),
    weights: () => new URL("static-en-256.safetensors", import.meta.url),
    vocabulary: () => new URL("static-en-256.txt", import.meta.url),
  });
}

/** `fetch` in Node reads no files. */
async function read(place: URL): Promise<Uint8Array> {
  return place.protocol === "file:" ? readFile(place) : fetched(place);
}

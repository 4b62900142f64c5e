/** `pluresdb/embed` in browsers, workers and bundles. Importing it does nothing; `staticModel` loads the model. */

import { fetched, loadStatic } from "./embed/static.ts";
import type { Embedder, StaticModelOptions } from "./types.ts";

export { PluresError } from "./errors.ts";
export type { Embedder, StaticModelOptions };

/**
 * An English embedding model that needs no server: vectors of 256 numbers. Fetches 8 MB, once for a page; what was
 * fetched is the browser's to keep.
 */
export function staticModel(options: StaticModelOptions = {}): Promise<Embedder> {
  return loadStatic(options, fetched, {
    wasm: () => new URL("pluresdb_embed_wasm_bg.wasm", import.meta.url),
    weights: () => new URL("static-en-256.safetensors", import.meta.url),
    vocabulary: () => new URL("static-en-256.txt", import.meta.url),
  });
}

/** The package in Node: the module comes from the file system. */

import { readFile } from "node:fs/promises";
import type { ModuleSource } from "./module.ts";
import { openWith } from "./open.ts";
import type { Database, OpenOptions } from "./types.ts";

export { PluresError } from "./errors.ts";
export type * from "./graph.ts";
export type { NearTo, NearestOptions } from "./nearest.ts";
export type * from "./type-definitions.ts";
export type * from "./types.ts";

/** Opens `memory://`. Files are for the command line program. */
export function open(url: string, options: OpenOptions = {}): Promise<Database> {
  const { wasm, ...others } = options;
  const beside = new URL("pluresdb_wasm_bg.wasm", import.meta.url);
  return openWith(url, others, () => bytesOf(wasm ?? beside));
}

/** `fetch` in Node reads no files. */
async function bytesOf(wasm: ModuleSource): Promise<ModuleSource> {
  const url = wasm instanceof URL || typeof wasm === "string" ? new URL(wasm) : null;
  return url?.protocol === "file:" ? readFile(url) : wasm;
}

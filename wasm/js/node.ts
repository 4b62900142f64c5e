/** The package in Node: the module comes from the file system. */

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PluresError } from "./errors.ts";
import type { ModuleSource } from "./module.ts";
import { forPages, openHere } from "./open.ts";
import { found } from "./place-node.ts";
import type { Database, OpenOptions } from "./types.ts";

export { PluresError };
export type * from "./graph.ts";
export type { ExportOptions, Format, ImportOptions, ImportSource } from "./handy/formats.ts";
export type { CounterHandle, ListHandle, NodeHandle, SetHandle, TextHandle } from "./handy/node.ts";
export type { SqlPart, SqlQuery } from "./handy/template.ts";
export type { DataOf, Fields, InputOf, PatchOf, RowOf, TypedNode, TypeHandle, TypeOptions, ValueOf, Wrong } from "./handy/typed.ts";
export type { NearTo, NearestOptions } from "./nearness.ts";
export type * from "./status.ts";
export type * from "./type-definitions.ts";
export type * from "./types.ts";

/** Opens `memory://`. Files are for the command line program. */
export function open(url: string, options: OpenOptions = {}): Promise<Database> {
  return forPages(url, openInNode(url, options));
}

async function openInNode(url: string, options: OpenOptions): Promise<Database> {
  const { wasm, worker = false, ...others } = options;
  if (worker !== false && worker !== "auto") {
    throw new PluresError("no-worker", "the worker of the database could not be started: there are none of this kind in Node");
  }
  return openHere(url, others, async () => bytesOf(wasm ?? (await beside())));
}

const beside = (): Promise<URL> => found([
  () => new URL("pluresdb_wasm_bg.wasm", import.meta.url),
  () => pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), "pluresdb_wasm_bg.wasm")),
]);

/** `fetch` in Node reads no files. */
async function bytesOf(wasm: ModuleSource): Promise<ModuleSource> {
  const url = wasm instanceof URL || typeof wasm === "string" ? new URL(wasm) : null;
  return url?.protocol === "file:" ? readFile(url) : wasm;
}

/** The package in browsers, workers and bundles. Importing it does nothing; `open` loads the module. */

import { PluresError } from "./errors.ts";
import { sendable } from "./module.ts";
import { forPages, openHere, parse } from "./open.ts";
import { oneOf } from "./options.ts";
import type { Database, OpenOptions } from "./types.ts";
import type { Opened } from "./worker/host.ts";
import { RemoteDatabase } from "./worker/remote.ts";
import { mayStart, share } from "./worker/start.ts";

export { PluresError };
export type * from "./asked.ts";
export type * from "./graph.ts";
export type { ExportOptions, Format, ImportOptions, ImportSource } from "./handy/formats.ts";
export type { CounterHandle, ListHandle, NodeHandle, SetHandle, TextHandle } from "./handy/node.ts";
export type { SqlPart, SqlQuery } from "./handy/template.ts";
export type { DataOf, Fields, InputOf, PatchOf, RowOf, TypedNode, TypeHandle, TypeOptions, ValueOf, Wrong } from "./handy/typed.ts";
export type { NearTo, NearestOptions } from "./nearness.ts";
export type * from "./status.ts";
export type * from "./type-definitions.ts";
export type * from "./types.ts";

const beside = (): URL => new URL("pluresdb_wasm_bg.wasm", import.meta.url);

/** Opens `memory://`, or `idb://name`: a database kept in this browser. */
export function open(url: string, options: OpenOptions = {}): Promise<Database> {
  return forPages(url, openAnywhere(url, options));
}

async function openAnywhere(url: string, options: OpenOptions): Promise<Database> {
  const { worker = "auto", ...others } = options;
  if (typeof worker !== "boolean" && !(worker instanceof URL)) oneOf(worker, "worker", ["auto"]);
  if (worker === false || (worker === "auto" && !mayStart())) return openHere(url, others, beside);
  parse(url);
  try {
    return await openThere(url, others, worker);
  } catch (error) {
    if (worker !== "auto" || !(error instanceof PluresError) || error.code !== "no-worker") throw error;
    return openHere(url, others, beside, error.message);
  }
}

async function openThere(
  url: string,
  { wasm, ...options }: Omit<OpenOptions, "worker">,
  worker: true | "auto" | URL,
): Promise<Database> {
  const place = worker instanceof URL ? worker : null;
  const { endpoint, leave } = share(place?.href ?? "", () =>
    // Written out: bundlers look for exactly this.
    place === null
      ? new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "pluresdb" })
      : new Worker(place, { type: "module", name: "pluresdb" }));
  try {
    const source = await sendable(wasm ?? beside());
    const opened = (await endpoint.call(0, "open", [url, options, source])) as Opened;
    return new RemoteDatabase(url, opened, endpoint, leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/** The package in browsers, workers and bundles. Importing it does nothing; `open` loads the module. */

import { openWith } from "./open.ts";
import type { Database, OpenOptions } from "./types.ts";

export { PluresError } from "./errors.ts";
export type * from "./asked.ts";
export type * from "./graph.ts";
export type * from "./type-definitions.ts";
export type * from "./types.ts";

/** Opens `memory://`, or `idb://name`: a database kept in this browser. */
export function open(url: string, options: OpenOptions = {}): Promise<Database> {
  return openWith(url, options, () => new URL("pluresdb_wasm_bg.wasm", import.meta.url));
}

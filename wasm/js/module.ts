/** The WebAssembly module: loaded once, by the first `open`, and shared by all databases. */

import init from "../pkg/pluresdb_wasm.js";
import { PluresError } from "./errors.ts";
import type { OpenOptions } from "./types.ts";

export type ModuleSource = NonNullable<OpenOptions["wasm"]>;

/** Where a runtime finds the module when the application does not say; read when needed only. */
export type Locate = () => ModuleSource | Promise<ModuleSource>;

let loading: Promise<void> | null = null;

export function load(locate: Locate): Promise<void> {
  loading ??= start(locate).catch((error: unknown) => {
    // The next `open` may know a better place.
    loading = null;
    throw error;
  });
  return loading;
}

async function start(locate: Locate): Promise<void> {
  try {
    await init({ module_or_path: await locate() });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PluresError(
      "no-module",
      `the WebAssembly module could not be loaded: ${why}. It is the package's file ` +
        "pluresdb_wasm_bg.wasm; the option `wasm` of open() says where it is or gives its bytes",
      error,
    );
  }
}

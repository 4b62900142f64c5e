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
    await init({ module_or_path: unread(await locate()) });
  } catch (error) {
    throw noModule(error);
  }
}

/** A source of the module as a message can hold it. */
export async function sendable(source: ModuleSource): Promise<ModuleSource> {
  try {
    const here = unread(await source);
    if (here instanceof Response) return await here.arrayBuffer();
    if (here instanceof URL || typeof here === "string") return new URL(here, globalThis.location.href).href;
    return here;
  } catch (error) {
    throw noModule(error);
  }
}

/** A body can be read once, and the application may open more with the same response. */
const unread = (source: Awaited<ModuleSource>): Awaited<ModuleSource> =>
  source instanceof Response ? source.clone() : source;

function noModule(error: unknown): PluresError {
  const why = error instanceof Error ? error.message : String(error);
  return new PluresError(
    "no-module",
    `the WebAssembly module could not be loaded: ${why}. It is the package's file ` +
      "pluresdb_wasm_bg.wasm; the option `wasm` of open() says where it is or gives its bytes",
    error,
  );
}

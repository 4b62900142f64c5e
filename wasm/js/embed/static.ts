/** Loads the module and the model of `pluresdb/embed`. */

import init, { CoreModel } from "../../embed/pkg/pluresdb_embed_wasm.js";
import { PluresError, call } from "../errors.ts";
import type { Embedder, StaticModelOptions } from "../types.ts";

type Part = "wasm" | "weights" | "vocabulary";

/** Where a runtime finds each part when the application does not say; read when needed only. */
type Places = Readonly<Record<Part, () => URL | Promise<URL>>>;

type Read = (place: URL) => Promise<Uint8Array>;

let module: Promise<unknown> | null = null;
let standard: Promise<Embedder> | null = null;

export async function loadStatic(options: StaticModelOptions, read: Read, places: Places): Promise<Embedder> {
  if (Object.values(options).some((part) => part !== undefined)) return start(options, read, places);
  // The model is the same for everybody; one that failed to load may load the next time.
  standard ??= start(options, read, places).catch((error: unknown) => {
    standard = null;
    throw error;
  });
  return standard;
}

async function start(options: StaticModelOptions, read: Read, places: Places): Promise<Embedder> {
  const bytes = (part: Part): Promise<Uint8Array> => partOf(part, options[part] ?? places[part], read);
  module ??= bytes("wasm").then((wasm) => init({ module_or_path: wasm })).catch((error: unknown) => {
    module = null;
    throw error;
  });
  const [weights, vocabulary] = await Promise.all([bytes("weights"), bytes("vocabulary"), module]);
  const core = call(() => CoreModel.read(weights, new TextDecoder().decode(vocabulary)));
  return {
    model: core.name,
    dimension: core.dimension,
    embed: (texts) => new Promise((resolve) => {
      resolve(call(() => core.embed([...texts]) as (Float32Array | null)[]));
    }),
  };
}

async function partOf(part: Part, source: URL | string | Uint8Array | Places[Part], read: Read): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  let from = "beside the script";
  try {
    const place = typeof source === "function" ? await source() : source;
    from = String(place);
    // Node has no address that a text could be relative to.
    return await read("location" in globalThis ? new URL(place, globalThis.location.href) : new URL(place));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PluresError(
      "no-model",
      `the embedding model's ${part} could not be loaded from ${from}: ${why}. ` +
        `It is a file of the package; the option \`${part}\` of staticModel() says where it is or gives its bytes`,
      error,
    );
  }
}

export async function fetched(place: URL): Promise<Uint8Array> {
  const answer = await fetch(place);
  if (!answer.ok) throw new Error(`the server says ${answer.status} ${answer.statusText}`);
  return new Uint8Array(await answer.arrayBuffer());
}

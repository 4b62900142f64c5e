/** What an address means, and how a database is opened from it. */

import { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { LocalDatabase } from "./database.ts";
import { PluresError, call } from "./errors.ts";
import { type Locate, load } from "./module.ts";
import { IndexedDbStorage } from "./storage/indexeddb.ts";
import { MemoryStorage } from "./storage/memory.ts";
import type { Database, OpenOptions } from "./types.ts";

/** Transactions that can be undone, unless the application says otherwise. */
const UNDO = 100;

export async function openWith(url: string, options: OpenOptions, locate: Locate): Promise<Database> {
  const { scheme, name } = parse(url);
  if (scheme === "idb" && !("indexedDB" in globalThis)) {
    throw new PluresError("no-indexeddb", `${url}: there is no IndexedDB here`);
  }
  const { wasm } = options;
  await load(wasm === undefined ? locate : () => wasm);
  if (scheme === "memory") return openMemory(url, options);
  const storage = await IndexedDbStorage.open(name, options);
  const database = new LocalDatabase(url, keepingUndo(storage.core, options), storage);
  storage.follow((nodes) => { database.applied("tab", nodes); });
  return database;
}

function openMemory(url: string, options: OpenOptions): Database {
  const { space, image, textIndex = true } = options;
  const core = call(() => CoreDatabase.memory(space, textIndex, image));
  return new LocalDatabase(url, keepingUndo(core, options), new MemoryStorage(core));
}

function keepingUndo(core: CoreDatabase, { undo = UNDO }: OpenOptions): CoreDatabase {
  call(() => { core.keepUndo(undo); });
  return core;
}

function parse(url: string): { scheme: "memory" | "idb"; name: string } {
  const [, scheme, name] = /^(memory|idb):\/\/(.*)$/.exec(url) ?? [];
  if (scheme === "memory") return { scheme, name: "" };
  if (scheme === "idb" && name) return { scheme, name };
  throw new PluresError("bad-url", `${url} is no address of a database; use memory:// or idb://name`);
}

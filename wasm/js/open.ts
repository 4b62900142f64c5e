/** What an address means, and how a database is opened from it. */

import { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { LocalDatabase } from "./database.ts";
import { PluresError, call } from "./errors.ts";
import { Gate } from "./gate.ts";
import { type Locate, load } from "./module.ts";
import { DURABILITIES, limited, oneOf } from "./options.ts";
import { renewLog } from "./storage/fresh-log.ts";
import { IndexedDbStorage } from "./storage/indexeddb.ts";
import { MemoryStorage } from "./storage/memory.ts";
import type { OpenOptions } from "./types.ts";

/** Transactions that can be undone, unless the application says otherwise. */
const UNDO = 100;

/** Opens on this thread. `noWorker` says why not in a worker, where one was wanted. */
export async function openHere(
  url: string,
  options: OpenOptions,
  locate: Locate,
  noWorker: string | null = null,
): Promise<LocalDatabase> {
  const { scheme, name } = parse(url);
  const { wasm, durability, undo } = options;
  oneOf(durability, "durability", DURABILITIES);
  if (undo !== undefined) limited(undo, "undo");
  // Needs no module, and waits for the disk.
  if (scheme === "idb") void renewLog();
  await load(wasm === undefined ? locate : () => wasm);
  const gate = new Gate();
  if (scheme === "memory") return openMemory(url, options, gate, noWorker);
  const storage = await IndexedDbStorage.open(name, options, gate);
  const database = new LocalDatabase(url, keepingUndo(storage.core, options), storage, gate, noWorker);
  storage.follow((nodes) => { database.applied("tab", nodes); });
  return database;
}

function openMemory(url: string, options: OpenOptions, gate: Gate, noWorker: string | null): LocalDatabase {
  const { space, image, textIndex = true } = options;
  const core = call(() => CoreDatabase.memory(space, textIndex, image));
  return new LocalDatabase(url, keepingUndo(core, options), new MemoryStorage(core), gate, noWorker);
}

function keepingUndo(core: CoreDatabase, { undo = UNDO }: OpenOptions): CoreDatabase {
  call(() => { core.keepUndo(undo); });
  return core;
}

/**
 * A script of a page may open the page's database as it is loaded, and be loaded on a server as well, which renders the page
 * and where nobody waits for the database. That must not end the server, as a rejection does that nobody hears. Who waits
 * for it hears.
 */
export function forPages<R>(url: string, opening: Promise<R>): Promise<R> {
  if (url.startsWith("idb://") && !("indexedDB" in globalThis)) opening.catch(() => undefined);
  return opening;
}

/** What an address means; throws where it means nothing here. */
export function parse(url: string): { scheme: "memory" | "idb"; name: string } {
  const [, scheme, name] = /^(memory|idb):\/\/(.*)$/.exec(url) ?? [];
  if (scheme === "memory") return { scheme, name: "" };
  if (scheme === "idb" && name) {
    if ("indexedDB" in globalThis) return { scheme, name };
    throw new PluresError("no-indexeddb", `${url}: there is no IndexedDB here`);
  }
  throw new PluresError("bad-url", `${url} is no address of a database; use memory:// or idb://name`);
}

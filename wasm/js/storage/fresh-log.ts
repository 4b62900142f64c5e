/**
 * A fresh log for the browser's own storage engine, before anything is written to it.
 *
 * Chromium keeps all IndexedDB databases of a site in one LevelDB. A browser that is killed while it
 * writes leaves half an entry at the end of LevelDB's log. The next start skips it and writes on behind
 * it, in the same file. The start after that meets the half entry in the middle, takes everything for
 * corrupt, and deletes every database of the site, the durable writes of both sessions included.
 * Deleting a database makes Chromium compact, and a compaction begins a new log and drops the old one:
 * so one that is made for that is deleted first of all.
 */

import { tryHold } from "./locks.ts";

/** No name of a database of ours: those begin with "pluresdb:". */
const SCRATCH = "pluresdb-log";

let renewed: Promise<string | null> | null = null;

/** Once for each page. Gives what the browser has deleted by itself before, in words, if it says so. */
export function renewLog(): Promise<string | null> {
  // Opening the journal meets the same failure, and says it.
  return (renewed ??= renew().catch(() => null));
}

async function renew(): Promise<string | null> {
  // Only Chromium has this attribute, and only Chromium needs this.
  if (!("dataLoss" in IDBVersionChangeEvent.prototype)) return null;
  // Held as long as this page lives: the log is fresh while any page has the site's storage open.
  if ((await tryHold(SCRATCH)) === null) return null;
  const lost = await make();
  await done(indexedDB.deleteDatabase(SCRATCH));
  return lost;
}

async function make(): Promise<string | null> {
  const opening = indexedDB.open(SCRATCH);
  let lost: string | null = null;
  opening.onupgradeneeded = (event: IDBVersionChangeEvent & { dataLoss?: string; dataLossMessage?: string }) => {
    if (event.dataLoss !== "total") return;
    lost =
      "the browser found what it had stored for this site damaged and deleted it " +
      `(${event.dataLossMessage ?? "no reason given"}); what was synced comes back with the next sync`;
  };
  (await done(opening)).close();
  return lost;
}

function done<R>(request: IDBRequest<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => { resolve(request.result); };
    request.onerror = () => { reject(request.error ?? new Error("no reason given")); };
  });
}

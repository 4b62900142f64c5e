/**
 * Who writes here. An actor's log must never fork, so no two tabs may write as one actor; and actors
 * should be few, so a tab takes one from the database's pool that no other tab has now.
 */

import type { IdbJournal } from "../../pkg/pluresdb_wasm.js";
import { callAsync } from "../errors.ts";
import { hasLocks, tryHold } from "./locks.ts";

export interface Lease {
  readonly actor: string;
  /** Resolves once the pool is stored with this actor in it. */
  readonly pooled: Promise<void>;
  release(): void;
}

/** Leases an actor. Read the journal after this, so that all its records are read. */
export async function leaseActor(name: string, journal: IdbJournal): Promise<Lease> {
  const drawn = randomActor();
  // Nothing would keep another tab from taking it from the pool.
  if (!hasLocks()) return { actor: drawn, pooled: Promise.resolve(), release: () => undefined };
  for (const actor of journal.pool) {
    const release = await tryHold(actorLock(name, actor));
    if (release !== null) return { actor, pooled: Promise.resolve(), release };
  }
  // Held before others can see it.
  const release = await tryHold(actorLock(name, drawn));
  const pooled = callAsync(() => journal.addActor(drawn));
  // Waited for later, unless something else fails before.
  pooled.catch(() => undefined);
  return { actor: drawn, pooled, release: release ?? (() => undefined) };
}

/** What a tab holds while it writes as an actor. */
export const actorLock = (name: string, actor: string): string => `pluresdb:${name}:actor:${actor}`;

function randomActor(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

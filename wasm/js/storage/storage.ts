/** What a database expects of the place that keeps it. */

import type { CoreSync } from "../../pkg/pluresdb_wasm.js";
import type { SiteStorage, StorageState } from "../status.ts";
import type { Durability } from "../types.ts";

export interface Storage {
  /** Something was committed here. */
  committed(): void;
  /** Calls back whenever more is durable; gives what ends it. */
  onDurable(listener: () => void): () => void;
  /** A sync session with this relay, and its cursor. */
  sync(relay: string): Promise<CoreSync>;
  /** Stops writing as this actor. */
  retireActor(actor: string): Promise<void>;
  /**
   * What a write waits for after its commit, as the database is to store unless `durability` is said: until it is
   * stored, which rejects when that fails, or until storing has been arranged.
   */
  written(durability?: Durability): Promise<void>;
  /** Resolves once everything committed so far is stored; rejects when storing it fails. */
  saved(): Promise<void>;
  /** Resolves once everything committed so far is durable, however it was stored. */
  hardened(): Promise<void>;
  /** For long work: stores what there is meanwhile, and waits while too much is to be stored. */
  room(): Promise<void>;
  /** Runs work that commits much: what can wait until its end does. */
  during<R>(work: () => Promise<R>): Promise<R>;
  /** Much was changed that no record tells of: it is worth storing the whole. */
  rewritten(): void;
  state(): StorageState;
  /** Calls back whenever the failure in the state is another, or none any more; gives what ends it. */
  onState(listener: (state: StorageState) => void): () => void;
  /** What the browser grants; null where nothing is stored. */
  site(): Promise<SiteStorage | null>;
  /** Asks for what is stored to be kept; gives whether it is. */
  persist(): Promise<boolean>;
  close(): Promise<void>;
}

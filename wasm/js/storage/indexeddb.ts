/** A database kept in IndexedDB: joins leasing, saving, checkpoints and the other tabs. */

import { type CoreDatabase, CoreStore, type CoreSync, IdbJournal } from "../../pkg/pluresdb_wasm.js";
import { callAsync } from "../errors.ts";
import { Listeners } from "../listeners.ts";
import type { OpenOptions } from "../types.ts";
import { Checkpoints } from "./checkpoints.ts";
import { renewLog } from "./fresh-log.ts";
import { type Lease, leaseActor } from "./lease.ts";
import { Saver } from "./saver.ts";
import type { Storage, StorageState } from "./storage.ts";
import { Tabs } from "./tabs.ts";

/** Long work waits once this much of it is not stored. */
const MOST_UNSAVED_BYTES = 4 * 1024 * 1024;

export class IndexedDbStorage implements Storage {
  readonly #store: CoreStore;
  readonly #lease: Lease;
  readonly #saver: Saver;
  readonly #checkpoints: Checkpoints;
  readonly #tabs: Tabs;
  readonly #durable = new Listeners<void>();
  readonly #lost: string | null;

  static async open(name: string, { space, image, textIndex = true }: OpenOptions): Promise<IndexedDbStorage> {
    const tabs = new Tabs(name);
    let lease: Lease | null = null;
    try {
      const lost = await renewLog();
      const journal = await callAsync(() => IdbJournal.open(name));
      const leased = (lease = await leaseActor(name, journal));
      const store = await callAsync(() => CoreStore.open(journal, leased.actor, space, textIndex, image));
      return new IndexedDbStorage(name, store, leased, tabs, lost);
    } catch (error) {
      lease?.release();
      await tabs.close();
      throw error;
    }
  }

  private constructor(name: string, store: CoreStore, lease: Lease, tabs: Tabs, lost: string | null) {
    this.#store = store;
    this.#lease = lease;
    this.#tabs = tabs;
    this.#lost = lost;
    this.#checkpoints = new Checkpoints(store, name);
    this.#saver = new Saver({
      flush: () => this.#flush(),
      unsaved: () => store.unsaved(),
    });
  }

  get core(): CoreDatabase {
    return this.#store.database();
  }

  /** Begins to apply what other tabs store. */
  follow(applied: (nodes: string[]) => void): void {
    this.#tabs.start(this.#store, (nodes) => {
      applied(nodes);
      this.#durable.tell();
      this.#saveMoved();
    });
    this.#checkpoints.stored();
    this.#saveMoved();
  }

  /** Stores what has come into the log as the journal was read, and is not in the journal. */
  #saveMoved(): void {
    if (this.#store.unsaved() > 0) this.#saver.saved().catch(() => undefined);
  }

  /** Saving begins when somebody waits for it. */
  committed(): void {
    // Nothing is durable yet.
  }

  onDurable(listener: () => void): () => void {
    return this.#durable.add(listener);
  }

  sync(relay: string): Promise<CoreSync> {
    return callAsync(() => this.#store.sync(relay, Math.random()));
  }

  retireActor(actor: string): Promise<void> {
    return callAsync(() => this.#store.retireActor(actor));
  }

  saved(): Promise<void> {
    return this.#saver.saved();
  }

  async room(): Promise<void> {
    const saved = this.#saver.saved();
    if (this.#store.unsavedBytes() > MOST_UNSAVED_BYTES) await saved;
  }

  during<R>(work: () => Promise<R>): Promise<R> {
    return this.#checkpoints.during(work);
  }

  rewritten(): void {
    this.#checkpoints.soon();
  }

  state(): StorageState {
    const now = this.#saver.error ?? this.#store.damage ?? this.#tabs.error ?? this.#checkpoints.error;
    return { unsaved: this.#store.unsaved(), error: now ?? this.#lost };
  }

  async close(): Promise<void> {
    try {
      await this.#saver.saved();
    } finally {
      this.#saver.stop();
      await Promise.all([this.#tabs.close(), this.#checkpoints.stop()]);
      this.#store.close();
      this.#lease.release();
      this.#store.free();
    }
  }

  async #flush(): Promise<void> {
    const last = await callAsync(() => this.#store.flush()).catch((error: unknown) => {
      // Storage refuses a second writer until it has read what the first one stored.
      this.#tabs.look();
      throw error;
    });
    if (last === undefined) return;
    this.#tabs.stored(last);
    this.#checkpoints.stored();
    this.#durable.tell();
  }
}

/** A database kept in IndexedDB: joins leasing, saving, checkpoints and the other tabs. */

import { type CoreDatabase, CoreStore, type CoreSync, IdbJournal } from "../../pkg/pluresdb_wasm.js";
import { callAsync } from "../errors.ts";
import type { Gate } from "../gate.ts";
import { Listeners } from "../listeners.ts";
import type { SiteStorage, StorageState } from "../status.ts";
import type { Durability, OpenOptions } from "../types.ts";
import { Checkpoints } from "./checkpoints.ts";
import { renewLog } from "./fresh-log.ts";
import { type Lease, leaseActor } from "./lease.ts";
import { Saver } from "./saver.ts";
import { persist, siteStorage } from "./site.ts";
import type { Storage } from "./storage.ts";
import { Tabs } from "./tabs.ts";
import { type Trouble, connected } from "./trouble.ts";

/** Long work waits once this much of it is not stored. */
const MOST_UNSAVED_BYTES = 4 * 1024 * 1024;

export class IndexedDbStorage implements Storage {
  readonly #store: CoreStore;
  readonly #lease: Lease;
  readonly #saver: Saver;
  readonly #checkpoints: Checkpoints;
  readonly #tabs: Tabs;
  readonly #durable = new Listeners<void>();
  readonly #states = new Listeners<StorageState>();
  readonly #lost: string | null;
  #durability: Durability;
  #syncing = false;
  /** Something may be stored relaxed, here, by another tab or before this page, and nothing was stored strictly since. */
  #soft = true;

  static async open(name: string, options: OpenOptions, gate: Gate): Promise<IndexedDbStorage> {
    const { space, image, textIndex = true, durability = "strict" } = options;
    const tabs = new Tabs(name, gate);
    let lease: Lease | null = null;
    try {
      const lost = await renewLog();
      const journal = await callAsync(() => IdbJournal.open(name));
      const leased = (lease = await leaseActor(name, journal));
      const store = await callAsync(() => CoreStore.open(journal, leased.actor, space, textIndex, image));
      await leased.pooled.catch((error: unknown) => {
        store.close();
        store.free();
        throw error;
      });
      return new IndexedDbStorage(name, store, leased, tabs, lost, durability);
    } catch (error) {
      lease?.release();
      await tabs.close();
      throw error;
    }
  }

  private constructor(
    name: string,
    store: CoreStore,
    lease: Lease,
    tabs: Tabs,
    lost: string | null,
    durability: Durability,
  ) {
    this.#store = store;
    this.#lease = lease;
    this.#tabs = tabs;
    this.#lost = lost;
    this.#durability = durability;
    const changed = (): void => { this.#states.tell(this.state()); };
    this.#checkpoints = new Checkpoints(store, name, changed);
    this.#saver = new Saver({
      flush: (durability) => this.#flush(durability),
      unsaved: () => store.unsaved(),
      changed,
    });
  }

  get core(): CoreDatabase {
    return this.#store.database();
  }

  /** Begins to apply what other tabs store. */
  follow(applied: (nodes: string[] | null) => void): void {
    this.#tabs.start(this.#store, this.#lease.actor, {
      applied: (nodes) => {
        // Who does not know of this tab does not say how it stores.
        this.#soft = true;
        applied(nodes);
        this.#durable.tell();
        this.#saveMoved();
      },
      harden: () => this.#hardenOthers(),
      softened: () => { this.#soft = true; },
      changed: () => { this.#states.tell(this.state()); },
    });
    this.#store.onClosed(() => { this.#tabs.look(); });
    this.#checkpoints.stored();
    this.#saveMoved();
  }

  /** Stores what has come into the log as the journal was read, and is not in the journal. */
  #saveMoved(): void {
    if (this.#store.unsaved() > 0) this.saved().catch(() => undefined);
  }

  /** Saving begins when somebody waits for it. */
  committed(): void {
    // Nothing is durable yet.
  }

  onDurable(listener: () => void): () => void {
    return this.#durable.add(listener);
  }

  /** What leaves the device was durable here before: from now on everything is stored strictly. */
  async sync(relay: string): Promise<CoreSync> {
    this.#syncing = true;
    this.#durability = "strict";
    await callAsync(() => this.#store.harden());
    return callAsync(() => this.#store.sync(relay, Math.random()));
  }

  /** The same for what other tabs store. */
  async #hardenOthers(): Promise<void> {
    if (this.#syncing) await callAsync(() => this.#store.harden());
  }

  retireActor(actor: string): Promise<void> {
    return callAsync(() => this.#store.retireActor(actor));
  }

  /** A relaxed write that comes after a failure waits for the next attempt: so its application hears of it. */
  written(durability: Durability = this.#durability): Promise<void> {
    if (durability === "strict" || this.#saver.error !== null) return this.saved(durability);
    return this.#saver.soon();
  }

  saved(durability: Durability = this.#durability): Promise<void> {
    return this.#saver.saved(this.#syncing ? "strict" : durability);
  }

  async hardened(): Promise<void> {
    await this.#saver.saved("strict");
    if (this.#soft) await this.#saver.flushed();
  }

  async room(): Promise<void> {
    const saved = this.saved();
    if (this.#store.unsavedBytes() > MOST_UNSAVED_BYTES) await saved;
  }

  during<R>(work: () => Promise<R>): Promise<R> {
    return this.#checkpoints.during(work);
  }

  rewritten(): void {
    this.#checkpoints.soon();
  }

  state(): StorageState {
    const store = this.#store;
    const damage = troubled("damaged", store.damage);
    const lost = troubled("lost", this.#lost ?? store.lost);
    const why = this.#saver.error ?? damage ?? this.#tabs.error ?? this.#checkpoints.error ?? lost;
    return { unsaved: store.unsaved(), error: why?.message ?? null, code: why?.code ?? null };
  }

  onState(listener: (state: StorageState) => void): () => void {
    return this.#states.add(listener);
  }

  site(): Promise<SiteStorage | null> {
    return siteStorage();
  }

  persist(): Promise<boolean> {
    return persist();
  }

  async close(): Promise<void> {
    try {
      await this.hardened();
    } finally {
      this.#saver.stop();
      await Promise.all([this.#tabs.close(), this.#checkpoints.stop()]);
      this.#store.close();
      this.#lease.release();
      this.#store.free();
    }
  }

  async #flush(durability: Durability): Promise<void> {
    const soft = this.#soft;
    const flush = async (): Promise<{ relaxed: boolean; last: number | undefined }> => {
      // What waited as relaxed when syncing began is strict by now.
      const relaxed = durability === "relaxed" && !this.#syncing;
      // Set before: what another tab tells of meanwhile may come after.
      this.#soft = relaxed;
      this.#tabs.storing();
      const last = await callAsync(() => this.#store.flush(relaxed));
      if (!relaxed && last === undefined && soft) await callAsync(() => this.#store.harden());
      return { relaxed, last };
    };
    const { relaxed, last } = await connected(flush).catch((error: unknown) => {
      this.#soft = true;
      // Storage refuses a second writer until it has read what the first one stored.
      this.#tabs.look();
      throw error;
    });
    if (last === undefined) return;
    this.#tabs.stored(last, relaxed);
    this.#checkpoints.stored();
    this.#durable.tell();
  }
}

const troubled = (code: string, message: string | null | undefined): Trouble | null =>
  message === null || message === undefined ? null : { code, message };

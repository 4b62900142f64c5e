/** No storage: what is committed is as durable as it gets. */

import type { CoreDatabase, CoreSync } from "../../pkg/pluresdb_wasm.js";
import { call, callAsync } from "../errors.ts";
import { Listeners } from "../listeners.ts";
import type { SiteStorage, StorageState } from "../status.ts";
import type { Storage } from "./storage.ts";

export class MemoryStorage implements Storage {
  readonly #core: CoreDatabase;
  readonly #durable = new Listeners<void>();

  constructor(core: CoreDatabase) {
    this.#core = core;
  }

  committed(): void {
    this.#durable.tell();
  }

  onDurable(listener: () => void): () => void {
    return this.#durable.add(listener);
  }

  sync(relay: string): Promise<CoreSync> {
    return callAsync(() => this.#core.share().sync(relay, Math.random()));
  }

  retireActor(actor: string): Promise<void> {
    call(() => {
      this.#core.renewActor(actor);
    });
    return Promise.resolve();
  }

  written(): Promise<void> {
    return Promise.resolve();
  }

  saved(): Promise<void> {
    return Promise.resolve();
  }

  hardened(): Promise<void> {
    return Promise.resolve();
  }

  room(): Promise<void> {
    return Promise.resolve();
  }

  during<R>(work: () => Promise<R>): Promise<R> {
    return work();
  }

  rewritten(): void {
    // Nothing is kept.
  }

  state(): StorageState {
    return { unsaved: 0, error: null, code: null };
  }

  onState(): () => void {
    return () => undefined;
  }

  site(): Promise<SiteStorage | null> {
    return Promise.resolve(null);
  }

  persist(): Promise<boolean> {
    return Promise.resolve(false);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Other tabs with the same database: tells them what was stored here, reads what they stored. */

import type { CoreStore } from "../../pkg/pluresdb_wasm.js";
import { callAsync } from "../errors.ts";
import { pause } from "../pause.ts";

const RETRY_MS = 1000;

export class Tabs {
  readonly #channel: BroadcastChannel | null;
  #store: CoreStore | null = null;
  #applied: (nodes: string[]) => void = () => undefined;
  #behind = false;
  #running: Promise<void> | null = null;
  #closed = false;
  #error: string | null = null;

  /** Listens from now on, so that nothing is missed while the database is being opened. */
  constructor(name: string) {
    this.#channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`pluresdb:${name}`) : null;
    if (this.#channel === null) return;
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "number" && (this.#store === null || data > this.#store.seen)) this.#read();
    };
  }

  /** Why what other tabs stored cannot be read, until it can. */
  get error(): string | null {
    return this.#error;
  }

  /** Begins to apply what others store; `applied` hears of the nodes that this touched. */
  start(store: CoreStore, applied: (nodes: string[]) => void): void {
    this.#store = store;
    this.#applied = applied;
    this.#read();
  }

  /** Records up to this position are stored. */
  stored(position: number): void {
    this.#channel?.postMessage(position);
    // A gap before them is what others stored at the same time.
    if (this.#store !== null && position > this.#store.seen) this.#read();
  }

  /** Others may have stored something that is to be read first. */
  look(): void {
    this.#read();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#channel?.close();
    await this.#running;
  }

  #read(): void {
    this.#behind = true;
    if (this.#closed) return;
    if (this.#store !== null) this.#running ??= this.#run(this.#store).finally(() => (this.#running = null));
  }

  async #run(store: CoreStore): Promise<void> {
    while (this.#takeTurn()) {
      try {
        await this.#catchUp(store);
        this.#error = null;
      } catch (error) {
        this.#error = error instanceof Error ? error.message : String(error);
        setTimeout(() => { this.#read(); }, RETRY_MS);
      }
    }
  }

  #takeTurn(): boolean {
    const due = this.#behind && !this.#closed;
    this.#behind = false;
    return due;
  }

  async #catchUp(store: CoreStore): Promise<void> {
    let nodes = await callAsync(() => store.catchUp());
    while (nodes !== undefined && !this.#closed) {
      this.#applied(nodes);
      await pause();
      nodes = await callAsync(() => store.catchUp());
    }
  }
}

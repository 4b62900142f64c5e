/** Other tabs with the same database: tells them what was stored here, reads what they stored. */

import type { CoreStore } from "../../pkg/pluresdb_wasm.js";
import { call, callAsync } from "../errors.ts";
import type { Gate } from "../gate.ts";
import { pause } from "../pause.ts";
import { actorLock } from "./lease.ts";
import { hasLocks, heldLocks } from "./locks.ts";
import { type Trouble, connected, troubleOf } from "./trouble.ts";

const RETRY_MS = 1000;
/**
 * What a tab says as it opens the database, and what is answered where nothing was stored yet. A tab that knows of no other
 * tells nobody what it stores, since each message takes a tenth of the time that storing takes.
 */
const HELLO = "hello";
const HERE = "here";
/** A tab says before it stores that it will: should it end before it can say that it has, others look so much later. */
const STORING = "storing";
const LOOK_MS = 1000;
/** How often a tab that stores and knows of no other asks the browser: one that the browser keeps while it is left is deaf. */
const ALONE_MS = 1000;

/** What is done about what others store. */
export interface Following {
  /** It is in the database; with the nodes that this touched, null where all was read anew. */
  applied(nodes: string[] | null): void;
  /** Before it is applied: how it was stored is not known. */
  harden(): Promise<void>;
  /** They say that they stored something relaxed. */
  softened(): void;
  /** The error is another. */
  changed(): void;
}

export class Tabs {
  readonly #name: string;
  readonly #channel: BroadcastChannel | null;
  readonly #gate: Gate;
  /** There are other tabs, or were, or may be. */
  #company = !hasLocks();
  #lock = "";
  #asked = -ALONE_MS;
  #asking: Promise<void> | null = null;
  #askLater: ReturnType<typeof setTimeout> | undefined;
  /** What was stored last: up to where, and whether relaxed. */
  #last: [position: number, relaxed: boolean] | null = null;
  #store: CoreStore | null = null;
  #following: Following | null = null;
  #behind = false;
  #running: Promise<void> | null = null;
  #looking: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #error: Trouble | null = null;

  /** Listens from now on, so that nothing is missed while the database is being opened. */
  constructor(name: string, gate: Gate) {
    this.#name = name;
    this.#gate = gate;
    this.#channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`pluresdb:${name}`) : null;
    if (this.#channel === null) return;
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => { this.#hear(data); };
    this.#channel.postMessage(HELLO);
    // A tab may have ended before it could answer, with something stored.
    this.#lookLater();
  }

  /** Why what other tabs stored cannot be read, until it can. */
  get error(): Trouble | null {
    return this.#error;
  }

  /** Begins to apply what others store. This tab has leased `actor`. */
  start(store: CoreStore, actor: string, following: Following): void {
    this.#store = store;
    this.#lock = actorLock(this.#name, actor);
    this.#following = following;
    this.#read();
  }

  /** Something is about to be stored. */
  storing(): void {
    if (this.#company) this.#channel?.postMessage(STORING);
  }

  /** Records up to this position are stored, relaxed or not. */
  stored(position: number, relaxed: boolean): void {
    this.#last = [position, relaxed];
    // A gap before them is what others stored at the same time.
    const gap = this.#store !== null && position > this.#store.seen;
    this.#company ||= gap;
    if (this.#company) this.#channel?.postMessage(this.#last);
    else this.#askForCompany();
    if (gap) this.#read();
  }

  /** Others may have stored something that is to be read first. */
  look(): void {
    this.#read();
  }

  async close(): Promise<void> {
    if (this.#askLater !== undefined) this.#ask();
    // Whoever was not heard is told of what was stored last.
    await this.#asking;
    this.#closed = true;
    clearTimeout(this.#looking);
    this.#channel?.close();
    await this.#running;
  }

  #hear(data: unknown): void {
    this.#company = true;
    if (data === HELLO) {
      this.#channel?.postMessage(this.#last ?? HERE);
      // It may have been there for long, and told nobody of what it stored.
      this.#read();
    }
    if (data === STORING) this.#lookLater();
    const [position, relaxed] = Array.isArray(data) ? (data as unknown[]) : [];
    if (typeof position !== "number") return;
    if (relaxed === true) this.#following?.softened();
    if (this.#store === null || position > this.#store.seen) this.#read();
  }

  /** Asks the browser whether there are other tabs: at once, or once the last question is long enough ago. */
  #askForCompany(): void {
    const wait = this.#asked + ALONE_MS - performance.now();
    if (wait <= 0) this.#ask();
    else this.#askLater ??= setTimeout(() => { this.#ask(); }, wait);
  }

  #ask(): void {
    clearTimeout(this.#askLater);
    this.#askLater = undefined;
    this.#asked = performance.now();
    this.#asking = this.#lookForCompany();
  }

  /** Each tab holds the lock of the actor as which it writes. */
  async #lookForCompany(): Promise<void> {
    const held = await heldLocks(actorLock(this.#name, ""));
    const alone = held?.every((lock) => lock === this.#lock) ?? false;
    if (alone || this.#closed || this.#company) return;
    this.#company = true;
    if (this.#last !== null) this.#channel?.postMessage(this.#last);
  }

  #lookLater(): void {
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      this.#read();
    }, LOOK_MS);
  }

  #read(): void {
    this.#behind = true;
    if (this.#closed) return;
    if (this.#store !== null) this.#running ??= this.#run(this.#store);
  }

  async #run(store: CoreStore): Promise<void> {
    while (this.#takeTurn()) {
      try {
        await this.#catchUp(store);
        this.#fails(null);
      } catch (error) {
        const why = troubleOf(error);
        this.#fails(why);
        // What a later version has stored, or another has deleted, stays so until the page is loaded anew.
        const final = why.code === "format" || why.code === "deleted";
        if (!final) setTimeout(() => { this.#read(); }, RETRY_MS);
      }
    }
    // In the step that found nothing due, so that what comes next begins anew.
    this.#running = null;
  }

  #fails(why: Trouble | null): void {
    const before = this.#error;
    this.#error = why;
    if (before?.message !== why?.message) this.#following?.changed();
  }

  #takeTurn(): boolean {
    const due = this.#behind && !this.#closed;
    this.#behind = false;
    return due;
  }

  async #catchUp(store: CoreStore): Promise<void> {
    for (;;) {
      const fetched = await connected(() => callAsync(() => store.fetch()));
      if (fetched === undefined) return;
      await this.#following?.harden().catch((error: unknown) => {
        fetched.free();
        throw error;
      });
      const applied = await this.#gate.run(() => (this.#closed ? null : { nodes: call(() => store.apply(fetched)) }));
      if (applied === null) {
        fetched.free();
        return;
      }
      this.#following?.applied(applied.nodes ?? null);
      await pause();
    }
  }
}

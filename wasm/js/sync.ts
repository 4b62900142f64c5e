/**
 * A running sync: the socket and the timer of the module's state machine, and the steps that take
 * time (applying what came, waiting for storage). What is to be done when is the machine's.
 */

import type { CoreSync } from "../pkg/pluresdb_wasm.js";
import { PluresError, call, callAsync } from "./errors.ts";
import type { Gate } from "./gate.ts";
import { Listeners } from "./listeners.ts";
import { pause } from "./pause.ts";
import type { Storage } from "./storage/storage.ts";
import type { SyncHandle, SyncStatus } from "./types.ts";

/** What the machine asks for. */
type Output =
  | { kind: "connect" }
  | { kind: "send"; message: Uint8Array<ArrayBuffer> }
  | { kind: "close"; reason: string }
  | { kind: "ingest"; ticket: bigint }
  | { kind: "cursor" }
  | { kind: "forked"; actor: string }
  | { kind: "wake"; at: number }
  | { kind: "end"; code: string; message: string }
  | { kind: "status"; status: SyncStatus & { settled: boolean } };

/** The database that is synced. */
export interface Synced {
  storage: Storage;
  gate: Gate;
  /** Records from the relay are visible now. */
  applied(nodes: string[]): void;
  /** The sync has ended, stopped or by itself. */
  ended(): void;
}

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** When storage is asked again that could not begin a sync. */
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

export class RelaySync implements SyncHandle {
  readonly #relay: string;
  readonly #database: Synced;
  readonly #statuses = new Listeners<SyncStatus>();
  readonly #ends: (() => void)[] = [];
  #machine: CoreSync | null = null;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  /** Why it stopped. */
  #end = stopped();
  #settled = false;
  #waiting: Waiting[] = [];
  #status: SyncStatus = { state: "connecting", received: 0, sent: 0, behind: 0, ahead: 0, error: null };

  constructor(relay: string, database: Synced) {
    checkRelay(relay);
    this.#relay = relay;
    this.#database = database;
    void this.#begin();
  }

  get status(): SyncStatus {
    return this.#status;
  }

  onStatus(listener: (status: SyncStatus) => void): () => void {
    const end = this.#statuses.add(listener);
    listener(this.#status);
    return end;
  }

  async settled(): Promise<void> {
    // What is not durable yet counts as well.
    await this.#database.storage.saved();
    this.#give((machine, now) => { machine.local(now); });
    if (this.#settled) return;
    if (this.#stopped) throw this.#end;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  stop(): void {
    if (this.#stopped) return;
    this.#give((machine, now) => { machine.stop(now); });
    this.#finish();
    this.#tell({ ...this.#status, state: "stopped" });
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #finish(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#drop("stopped");
    for (const end of this.#ends) end();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
    this.#database.ended();
  }

  async #begin(): Promise<void> {
    const { storage } = this.#database;
    const machine = await this.#readied();
    // It may have been stopped in the very step between.
    if (machine === null || this.#isStopped()) return;
    this.#machine = machine;
    const online = (): void => { this.#give((machine, now) => { machine.start(now); }); };
    if ("addEventListener" in globalThis) {
      globalThis.addEventListener("online", online);
      this.#ends.push(() => { globalThis.removeEventListener("online", online); });
    }
    this.#ends.push(storage.onDurable(() => { this.#give((machine, now) => { machine.local(now); }); }));
    online();
  }

  /** The machine with its cursor, as soon as storage gives it; null once this is stopped. */
  async #readied(): Promise<CoreSync | null> {
    for (let delay = FIRST_RETRY_MS; ; delay = Math.min(2 * delay, LAST_RETRY_MS)) {
      try {
        const machine = await this.#database.storage.sync(this.#relay);
        return this.#isStopped() ? null : machine;
      } catch (error) {
        if (this.#isStopped()) return null;
        this.#fail(error);
        await new Promise((resolve) => (this.#timer = setTimeout(resolve, delay)));
      }
    }
  }

  /** Gives the machine one input, then does what it asks for. */
  #give(input: (machine: CoreSync, now: number) => void): void {
    const machine = this.#machine;
    if (machine === null || this.#stopped) return;
    try {
      call(() => { input(machine, monotonic()); });
      this.#drain(machine);
    } catch (error) {
      this.#fail(error);
    }
  }

  #drain(machine: CoreSync): void {
    for (;;) {
      const output = call(() => machine.poll(monotonic())) as Output | undefined;
      if (output === undefined) return;
      this.#do(machine, output);
    }
  }

  #do(machine: CoreSync, output: Output): void {
    switch (output.kind) {
      case "connect":
        this.#connect();
        break;
      case "send":
        this.#socket?.send(output.message);
        break;
      case "close":
        this.#drop(output.reason);
        break;
      case "ingest":
        void this.#ingest(machine, output.ticket);
        break;
      case "cursor":
        // A cursor that is lost costs a repetition and nothing else.
        callAsync(() => machine.saveCursor()).catch(() => undefined);
        break;
      case "forked":
        void this.#forked(output.actor);
        break;
      case "wake":
        this.#wakeAt(output.at);
        break;
      case "end":
        this.#end = new PluresError(output.code, output.message);
        this.#finish();
        this.#tell({ ...this.#status, state: "stopped", error: output.message });
        break;
      case "status":
        this.#progress(machine, output.status);
        break;
    }
  }

  #connect(): void {
    const socket = new WebSocket(this.#relay);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    // What a socket says after it was given up is not for the machine.
    const mine = (input: (machine: CoreSync, now: number) => void): void => {
      if (this.#socket === socket) this.#give(input);
    };
    socket.onopen = () => { mine((machine, now) => { machine.connected(now); }); };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new TextEncoder().encode(String(data));
      mine((machine, now) => { machine.received(now, bytes); });
    };
    socket.onclose = ({ code, reason }) => {
      mine((machine, now) => {
        this.#socket = null;
        machine.disconnected(now, reason || `the connection ended (${code})`);
      });
    };
  }

  #drop(reason: string): void {
    const socket = this.#socket;
    this.#socket = null;
    // A reason may have 123 bytes.
    socket?.close(1000, reason.replace(/[^ -~]/g, "?").slice(0, 120));
  }

  /** Applies what came, waits until it is durable, and only then lets the cursor go on. */
  async #ingest(machine: CoreSync, ticket: bigint): Promise<void> {
    try {
      for (;;) {
        const nodes = await this.#database.gate.run(() =>
          this.#isStopped() ? undefined : call(() => machine.ingest(ticket)));
        if (nodes === undefined) break;
        if (nodes.length > 0) this.#database.applied(nodes);
        await pause();
        if (this.#isStopped()) return;
      }
      if (this.#isStopped()) return;
      await this.#database.storage.saved();
      if (this.#isStopped()) return;
      await callAsync(() => machine.ingested(monotonic(), ticket));
    } catch (error) {
      this.#give((machine, now) => { machine.failed(now, ticket, messageOf(error)); });
      return;
    }
    if (!this.#stopped) this.#drain(machine);
  }

  /** The relay holds other records of this actor: this database was a copy, and writes on as another. */
  async #forked(actor: string): Promise<void> {
    const release = await this.#database.gate.hold();
    await this.#database.storage.retireActor(actor).catch((error: unknown) => { this.#fail(error); });
    release();
  }

  #wakeAt(at: number): void {
    clearTimeout(this.#timer);
    // Upwards: a timer takes whole milliseconds, and would otherwise ring before its time.
    const delay = Math.min(Math.max(Math.ceil(at - monotonic()), 0), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      void this.#settle().then(() => { this.#give((machine, now) => { machine.wake(now); }); });
    }, delay);
  }

  /** Takes in what waited for a time that has come. */
  async #settle(): Promise<void> {
    const machine = this.#machine;
    if (machine === null) return;
    try {
      const nodes = await this.#database.gate.run(() => (this.#isStopped() ? [] : call(() => machine.settle())));
      if (this.#isStopped()) return;
      if (nodes.length > 0) this.#database.applied(nodes);
      this.#database.storage.saved().catch((error: unknown) => { this.#fail(error); });
    } catch (error) {
      this.#fail(error);
    }
  }

  #progress(machine: CoreSync, { settled, ...status }: SyncStatus & { settled: boolean }): void {
    this.#settled = settled;
    this.#tell({ ...status, error: status.error ?? machine.rejected ?? null });
    if (settled) for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #fail(error: unknown): void {
    this.#tell({ ...this.#status, state: "waiting", error: messageOf(error) });
  }

  #tell(status: SyncStatus): void {
    this.#status = status;
    this.#statuses.tell(status);
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}

/** Throws where there can be no sync with a relay of this address. */
export function checkRelay(relay: string): void {
  if (!("WebSocket" in globalThis)) {
    throw new PluresError("no-websocket", "there is no WebSocket here; Node has one from version 22 on");
  }
  if (!/^wss?:\/\//.test(relay)) {
    throw new PluresError("bad-url", `${relay} is no address of a relay; it begins with ws:// or wss://`);
  }
}

/** Milliseconds that a clock set back does not take back: the machine's deadlines are told in them. */
const monotonic = (): number => performance.timeOrigin + performance.now();

const stopped = (): PluresError => new PluresError("stopped", "this sync was stopped");

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

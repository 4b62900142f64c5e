/**
 * The databases that are open, and their files watched: the one place that opens, reloads and closes.
 * Each file is loaded by one load at a time; what is on show stays until the next load is done.
 */
import * as vscode from "vscode";
import type { Entry, State } from "./entry.ts";
import { failureOf, sentenceOf } from "./failure.ts";
import { openImage } from "./image.ts";
import type { LoadModule } from "./module.ts";
import { nameOf, readSource } from "./source.ts";
import { watchFile } from "./watch.ts";

interface Kept extends Entry {
  state: State;
  /** The load that runs. */
  loading: Promise<void> | null;
  /** How often a load was asked for: a running one starts over where it was asked for again. */
  asked: number;
  readonly watcher: vscode.Disposable;
}

export class Registry implements vscode.Disposable {
  readonly #kept = new Map<string, Kept>();
  readonly #changed = new vscode.EventEmitter<Entry>();
  readonly #loadModule: LoadModule;
  readonly #log: vscode.LogOutputChannel;

  /** An entry came, went, or has a new state. */
  readonly onDidChange = this.#changed.event;

  constructor(loadModule: LoadModule, log: vscode.LogOutputChannel) {
    this.#loadModule = loadModule;
    this.#log = log;
  }

  entries(): Entry[] {
    return [...this.#kept.values()];
  }

  entry(key: string): Entry | undefined {
    return this.#kept.get(key);
  }

  /** The entry of a file, once its load is done. A file that failed is tried again. */
  async open(uri: vscode.Uri): Promise<Entry> {
    const kept = this.#kept.get(uri.toString()) ?? this.#add(uri);
    if (kept.loading !== null) await kept.loading;
    else if (kept.state.kind !== "open") await this.#load(kept);
    return kept;
  }

  /** Reads the file anew. */
  async reload(key: string): Promise<void> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) await this.#load(kept);
  }

  close(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#let(kept);
    this.#log.info(`Closed ${key}`);
    this.#changed.fire(kept);
  }

  dispose(): void {
    for (const kept of this.#kept.values()) this.#let(kept);
    this.#kept.clear();
    this.#changed.dispose();
  }

  #add(uri: vscode.Uri): Kept {
    const key = uri.toString();
    const watcher = watchFile(uri, () => {
      this.#log.info(`${key} changed`);
      void this.reload(key);
    });
    const kept: Kept = { uri, key, name: nameOf(uri), state: { kind: "opening" }, loading: null, asked: 0, watcher };
    this.#kept.set(key, kept);
    this.#changed.fire(kept);
    return kept;
  }

  #load(kept: Kept): Promise<void> {
    kept.asked += 1;
    kept.loading ??= this.#loadUntilCurrent(kept).finally(() => {
      kept.loading = null;
    });
    return kept.loading;
  }

  async #loadUntilCurrent(kept: Kept): Promise<void> {
    let asked: number;
    do {
      asked = kept.asked;
      const before = kept.state;
      kept.state = await this.#read(kept);
      await release(before);
      if (this.#kept.get(kept.key) !== kept) {
        await release(kept.state);
        return;
      }
      this.#changed.fire(kept);
    } while (kept.asked !== asked);
  }

  async #read(kept: Kept): Promise<State> {
    const start = performance.now();
    try {
      const [wasm, file] = await Promise.all([this.#loadModule(), readSource(kept.uri)]);
      const opened = await openImage(file, wasm);
      const { nodes, edges } = opened.overview.status;
      const took = Math.round(performance.now() - start);
      this.#log.info(`Read ${kept.key}: ${opened.bytes} bytes, ${nodes} nodes, ${edges} edges, in ${took} ms`);
      return { kind: "open", ...opened, readAt: new Date() };
    } catch (error) {
      const failure = failureOf(error);
      this.#log.error(`Cannot open ${kept.key}: ${sentenceOf(failure)}`);
      return { kind: "failed", failure };
    }
  }

  #let(kept: Kept): void {
    kept.watcher.dispose();
    if (kept.loading === null) void release(kept.state);
  }
}

async function release(state: State): Promise<void> {
  if (state.kind === "open") await state.database.close();
}

/**
 * Calls across a port: one end of a page and its worker. Both ends are alike: each has objects that the other may
 * call, and each may hand over functions, abort signals and async iterables among the arguments of a call.
 *
 * What is sent in one turn of the event loop goes as one message.
 */

import type { PluresError } from "../errors.ts";
import { Listeners, guarded, uncaught } from "../listeners.ts";
import { joined, piecesOf } from "../text-source.ts";
import type { Embedder } from "../types.ts";
import { type Failure, failureOf, thrown, uncloneable } from "./failure.ts";
import { isPlain } from "./storable.ts";

/** What can be called from the other end: methods by name; `""` where a function stands for itself. */
export type Callable = Record<string, (...args: never[]) => unknown>;

/** An argument that is no plain value: where it stands, and what it stands for. */
type Mark = [path: (string | number)[], kind: "function" | "listener" | "signal" | "pieces", id: number];

type Message =
  | [kind: "call", id: number, target: number, method: string, args: unknown[], marks: Mark[]]
  | [kind: "note", target: number, method: string, args: unknown[], failures: number[]]
  | [kind: "done", id: number, value: unknown]
  | [kind: "failed", id: number, failure: Failure]
  | [kind: "abort", id: number, aborted: true]
  | [kind: "release", id: number];

/** What of a port is used. */
export interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** What was handed over with a call and ends with it. */
export interface Handed {
  release: () => void;
}

/** The object that both ends begin with. */
export const ROOT = 0;

export class Endpoint {
  readonly #port: Port;
  readonly #objects = new Map<number, Callable>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #aborts = new Map<number, AbortController>();
  #last = ROOT;
  readonly #ended = new Listeners<PluresError>();
  #gone: PluresError | null = null;
  #outbox: Message[] = [];

  constructor(port: Port, root: Callable = {}) {
    this.#port = port;
    this.#objects.set(ROOT, root);
    port.onmessage = ({ data }: MessageEvent) => {
      if (!Array.isArray(data)) return;
      for (const message of data as Message[]) this.#receive(message);
    };
  }

  /** Calls a method of an object at the other end. What is handed over is released when it has answered. */
  async call(target: number, method: string, args: unknown[]): Promise<unknown> {
    const handed: number[] = [];
    const [plain, marks, ends] = this.#marked(args, handed);
    try {
      return await this.#send(target, method, plain, marks);
    } finally {
      for (const end of ends) end();
      for (const id of handed) this.#objects.delete(id);
    }
  }

  /** The same; what is handed over stays until it is released. */
  keep(target: number, method: string, args: unknown[]): { answer: Promise<unknown> } & Handed {
    const handed: number[] = [];
    const [plain, marks, ends] = this.#marked(args, handed);
    const release = (): void => {
      for (const end of ends) end();
      for (const id of handed) this.#objects.delete(id);
    };
    return { answer: this.#send(target, method, plain, marks), release };
  }

  /** Calls without waiting for an answer. An argument that is an error comes as it is. */
  note(target: number, method: string, ...args: unknown[]): void {
    const failures = args.flatMap((arg, at) => (arg instanceof Error ? [at] : []));
    for (const at of failures) args[at] = failureOf(args[at]);
    this.#post(["note", target, method, args, failures]);
  }

  /** Lets the other end call an object until it releases it. */
  expose(object: Callable): number {
    this.#last += 1;
    this.#objects.set(this.#last, object);
    return this.#last;
  }

  /** Gives up an object of the other end. */
  release(target: number): void {
    this.#post(["release", target]);
  }

  /** Why the other end is gone, once it is. */
  get gone(): PluresError | null {
    return this.#gone;
  }

  /** Calls back when the other end is gone; gives what ends that. */
  onGone(listener: (error: PluresError) => void): () => void {
    return this.#ended.add(listener);
  }

  /** The other end is gone: what waits for it fails, and so does what is asked of it from now on. */
  fail(error: PluresError): void {
    if (this.#gone !== null) return;
    this.#gone = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#ended.tell(error);
  }

  #send(target: number, method: string, args: unknown[], marks: Mark[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== null) {
        reject(this.#gone);
        return;
      }
      this.#last += 1;
      const id = this.#last;
      this.#waiting.set(id, { resolve, reject });
      this.#post(["call", id, target, method, args, marks]);
    });
  }

  #post(message: Message): void {
    if (this.#gone !== null) return;
    this.#outbox.push(message);
    if (this.#outbox.length > 1) return;
    queueMicrotask(() => {
      const messages = this.#outbox;
      this.#outbox = [];
      try {
        this.#port.postMessage(messages);
      } catch {
        // One of them holds what no message can.
        for (const each of messages) this.#postAlone(each);
      }
    });
  }

  #postAlone(message: Message): void {
    try {
      this.#port.postMessage([message]);
    } catch (error) {
      if (message[0] === "call") {
        this.#waiting.get(message[1])?.reject(uncloneable(message[4], error));
        this.#waiting.delete(message[1]);
      } else if (message[0] === "done") {
        this.#port.postMessage([["failed", message[1], failureOf(uncloneable(message[2], error))]]);
      } else {
        uncaught(error);
      }
    }
  }

  #receive(message: Message): void {
    switch (message[0]) {
      case "call":
        void this.#answer(message[1], message[2], message[3], message[4], message[5]);
        break;
      case "note":
        for (const at of message[4]) message[3][at] = thrown(message[3][at] as Failure);
        this.#objects.get(message[1])?.[message[2]]?.(...(message[3] as never[]));
        break;
      case "done":
        this.#waiting.get(message[1])?.resolve(message[2]);
        this.#waiting.delete(message[1]);
        break;
      case "failed":
        this.#waiting.get(message[1])?.reject(thrown(message[2]));
        this.#waiting.delete(message[1]);
        break;
      case "abort":
        this.#aborts.get(message[1])?.abort();
        break;
      case "release":
        this.#objects.delete(message[1]);
        break;
    }
  }

  async #answer(id: number, target: number, method: string, args: unknown[], marks: Mark[]): Promise<void> {
    const signals: number[] = [];
    try {
      for (const mark of marks) this.#unmark(args, mark, signals);
      const object = this.#objects.get(target);
      const called = object?.[method];
      if (called === undefined) throw new TypeError(`the other end has no ${method}`);
      this.#post(["done", id, await called.apply(object, args as never[])]);
    } catch (error) {
      this.#post(["failed", id, failureOf(error)]);
    } finally {
      for (const signal of signals) this.#aborts.delete(signal);
    }
  }

  /** The arguments as they can be sent. Looks at them and at the fields of options; data is deeper or plain. */
  #marked(args: unknown[], handed: number[]): [args: unknown[], marks: Mark[], ends: (() => void)[]] {
    const marks: Mark[] = [];
    const ends: (() => void)[] = [];
    const plain = args.map((arg, at) => this.#plain(arg, [at], { marks, ends, handed }));
    return [plain, marks, ends];
  }

  #plain(
    value: unknown,
    path: Mark[0],
    found: { marks: Mark[]; ends: (() => void)[]; handed: number[] },
  ): unknown {
    const mark = (kind: Mark[1], object: Callable, ...inner: string[]): number => {
      const id = this.expose(object);
      found.handed.push(id);
      found.marks.push([[...path, ...inner], kind, id]);
      return id;
    };
    if (typeof value === "function") {
      const own = value as (...args: unknown[]) => unknown;
      mark("listener", { "": (...args: unknown[]) => { guarded(own, ...args); } });
      return undefined;
    }
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof AbortSignal) {
      const id = mark("signal", {});
      const abort = (): void => { this.#post(["abort", id, true]); };
      // Behind the call, which it would be unknown to before.
      if (value.aborted) queueMicrotask(abort);
      value.addEventListener("abort", abort);
      found.ends.push(() => { value.removeEventListener("abort", abort); });
      return undefined;
    }
    if (isSource(value)) {
      // Each costs a message there and back.
      const pieces = joined(piecesOf(value));
      found.ends.push(() => void pieces.return().catch(() => undefined));
      mark("pieces", { next: () => pieces.next() });
      return undefined;
    }
    if (isEmbedder(value)) {
      // Of whatever class it is, what is needed of it.
      mark("function", { "": (texts: string[]) => value.embed(texts) }, "embed");
      return { model: value.model, dimension: value.dimension };
    }
    if (path.length > 2 || !isPlain(value)) return value;
    let copy: Record<string, unknown> | null = null;
    for (const [key, field] of Object.entries(value)) {
      if (path.length > 1 && typeof field !== "function") continue;
      const sent = this.#plain(field, [...path, key], found);
      if (sent !== field) (copy ??= { ...value })[key] = sent;
    }
    return copy ?? value;
  }

  #unmark(args: unknown[], [path, kind, id]: Mark, signals: number[]): void {
    let place = args as unknown as Record<string, unknown>;
    for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>;
    place[String(path.at(-1))] = this.#standIn(kind, id, signals);
  }

  #standIn(kind: Mark[1], id: number, signals: number[]): unknown {
    switch (kind) {
      case "function":
        return (...args: unknown[]) => this.#send(id, "", args, []);
      case "listener":
        return (...args: unknown[]) => { this.note(id, "", ...args); };
      case "signal": {
        const abort = new AbortController();
        this.#aborts.set(id, abort);
        signals.push(id);
        return abort.signal;
      }
      case "pieces":
        return this.#pieces(id);
    }
  }

  async *#pieces(id: number): AsyncGenerator {
    for (;;) {
      const next = (await this.#send(id, "next", [], [])) as IteratorResult<unknown, undefined>;
      if (next.done === true) return;
      yield next.value;
    }
  }
}

function isSource(value: object): value is AsyncIterable<string> | ReadableStream<string> {
  return Symbol.asyncIterator in value || ("ReadableStream" in globalThis && value instanceof ReadableStream);
}

const isEmbedder = (value: object): value is Embedder =>
  "embed" in value && typeof value.embed === "function" && "model" in value && "dimension" in value;

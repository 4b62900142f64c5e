/** A transaction as its callback sees it, wherever its steps are taken. */

import { PluresError } from "./errors.ts";
import { type SqlPart, statement } from "./handy/template.ts";
import { object } from "./options.ts";
import { type Done, result as statementResult } from "./sql.ts";
import type {
  Data,
  Executed,
  Field,
  ListEdit,
  NewEdge,
  NewNode,
  Node,
  Parameters,
  Patch,
  TextEdit,
  Transaction,
  Value,
} from "./types.ts";

/** An open transaction: on this thread, or behind messages. */
export interface Steps {
  step(operation: string, ...parts: unknown[]): Promise<unknown>;
  commit(): Promise<void>;
  /** Undoes it. */
  rollback(): void;
}

/** Runs `body` atomically: what it throws undoes everything and is thrown on. `during` runs its first, synchronous part. */
export async function runTransaction<R>(
  begin: () => Promise<Steps>,
  body: (tx: Transaction) => R | Promise<R>,
  during: <T>(work: () => T) => T,
): Promise<R> {
  const steps = await begin();
  const tx = new OpenTransaction(steps);
  try {
    const result = await during(() => body(tx));
    await tx.end();
    await steps.commit();
    return result;
  } catch (error) {
    await tx.end().catch(() => undefined);
    steps.rollback();
    throw error;
  }
}

/** A step's answer. Notes whether anybody asked for it: a failure that nobody sees must not be committed past. */
class Answer<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  asked = false;

  override then<A = T, B = never>(
    onResolved?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.asked = true;
    return super.then(onResolved, onRejected);
  }
}

class OpenTransaction implements Transaction {
  readonly #steps: Steps;
  readonly #pending = new Set<Promise<void>>();
  readonly #failed: { answer: Answer<unknown>; error: unknown }[] = [];
  #ended = false;

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  /** Resolves once every step was taken; rejects with the failure of one whose answer nobody asked for. */
  async end(): Promise<void> {
    this.#ended = true;
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    const unseen = this.#failed.find(({ answer }) => !answer.asked);
    if (unseen !== undefined) throw unseen.error;
  }

  put(node: NewNode): Promise<string> {
    const { id, type, data } = object(node, "node");
    return this.#do("put", id, type, data);
  }

  patch(id: string, patch: Patch): Promise<void> {
    return this.#do("patch", id, patch);
  }

  delete(id: string): Promise<boolean> {
    return this.#do("delete", id);
  }

  link(edge: NewEdge): Promise<void> {
    const { source, label, target, key, data } = object(edge, "edge");
    return this.#do("link", source, label, target, key, data);
  }

  unlink(edge: Omit<NewEdge, "data">): Promise<boolean> {
    const { source, label, target, key } = object(edge, "edge");
    return this.#do("unlink", source, label, target, key);
  }

  increment(id: string, field: Field, by: number | bigint = 1): Promise<void> {
    return this.#do("increment", id, field, by);
  }

  addToSet(id: string, field: Field, values: readonly Value[]): Promise<void> {
    return this.#do("addToSet", id, field, values);
  }

  removeFromSet(id: string, field: Field, values: readonly Value[]): Promise<void> {
    return this.#do("removeFromSet", id, field, values);
  }

  editText(id: string, field: Field, edits: readonly TextEdit[]): Promise<void> {
    return this.#do("editText", id, field, edits);
  }

  editList(id: string, field: Field, edits: readonly ListEdit[]): Promise<void> {
    return this.#do("editList", id, field, edits);
  }

  applyUpdate(id: string, field: Field, kind: "text" | "list", update: Uint8Array): Promise<void> {
    return this.#do("applyUpdate", id, field, kind, update);
  }

  exec<Row = Record<string, unknown>>(sql: string, params?: Parameters): Promise<Executed<Row>> {
    return this.#do("exec", sql, params);
  }

  sql<Row = Record<string, unknown>>(strings: TemplateStringsArray, ...parts: SqlPart[]): Promise<Row[]> {
    const { text, params } = statement(strings, parts);
    return this.#do("sql", text, params);
  }

  get<T extends object = Data>(id: string): Promise<Node<T> | null> {
    return this.#do("get", id);
  }

  #do<T>(operation: string, ...parts: unknown[]): Promise<T> {
    const answer = new Answer<T>((resolve, reject) => {
      this.#take(operation, parts).then((value) => { resolve(value as T); }, reject);
    });
    const done = Promise.prototype.then.call(answer, undefined, (error: unknown) => {
      this.#failed.push({ answer, error });
    }) as Promise<void>;
    this.#pending.add(done);
    void done.then(() => this.#pending.delete(done));
    return answer;
  }

  async #take(operation: string, parts: unknown[]): Promise<unknown> {
    if (this.#ended) {
      throw new PluresError("ended", "this transaction has ended; await its methods inside its callback");
    }
    const answer = await this.#steps.step(operation === "sql" ? "exec" : operation, ...parts);
    if (operation === "sql") return statementResult(answer as Done).rows;
    return operation === "exec" ? statementResult(answer as Done) : answer;
  }
}

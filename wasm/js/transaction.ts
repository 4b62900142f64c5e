/** A transaction as its callback sees it. */

import type { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { PluresError, call } from "./errors.ts";
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

/** One operation inside the module; throws once the transaction has ended. */
type Step = (operation: string, ...parts: unknown[]) => unknown;

/** Runs `body` atomically: what it throws undoes everything and is thrown on. */
export function runTransaction<R>(core: CoreDatabase, body: (tx: Transaction) => R): R {
  let outcome: { result: R } | { thrown: unknown } | null = null;
  const run = (step: Step): void => {
    const tx = new OpenTransaction(step);
    try {
      const result = body(tx);
      if (isPromise(result)) {
        throw new PluresError(
          "async-transaction",
          "the callback of a transaction must do its work at once; await what it needs before",
        );
      }
      outcome = { result };
    } catch (thrown) {
      outcome = { thrown };
      throw thrown;
    } finally {
      tx.end();
    }
  };
  try {
    call((): unknown => core.transaction({ run }));
  } catch (error) {
    const ended = outcome as { thrown: unknown } | { result: R } | null;
    throw ended !== null && "thrown" in ended ? ended.thrown : error;
  }
  return (outcome as unknown as { result: R }).result;
}

class OpenTransaction implements Transaction {
  #step: Step | null;

  constructor(step: Step) {
    this.#step = step;
  }

  end(): void {
    this.#step = null;
  }

  put({ id, type, data }: NewNode): string {
    return this.#do("put", id, type, data) as string;
  }

  patch(id: string, patch: Patch): void {
    this.#do("patch", id, patch);
  }

  delete(id: string): void {
    this.#do("delete", id);
  }

  link({ source, label, target, key, data }: NewEdge): void {
    this.#do("link", source, label, target, key, data);
  }

  unlink({ source, label, target, key }: Omit<NewEdge, "data">): void {
    this.#do("unlink", source, label, target, key);
  }

  increment(id: string, field: Field, by: number | bigint = 1): void {
    this.#do("increment", id, field, by);
  }

  addToSet(id: string, field: Field, values: readonly Value[]): void {
    this.#do("addToSet", id, field, values);
  }

  removeFromSet(id: string, field: Field, values: readonly Value[]): void {
    this.#do("removeFromSet", id, field, values);
  }

  editText(id: string, field: Field, edits: readonly TextEdit[]): void {
    this.#do("editText", id, field, edits);
  }

  editList(id: string, field: Field, edits: readonly ListEdit[]): void {
    this.#do("editList", id, field, edits);
  }

  applyUpdate(id: string, field: Field, kind: "text" | "list", update: Uint8Array): void {
    this.#do("applyUpdate", id, field, kind, update);
  }

  exec<Row = Record<string, unknown>>(sql: string, params?: Parameters): Executed<Row> {
    return statementResult<Row>(this.#do("exec", sql, params) as Done);
  }

  get<T extends Data = Data>(id: string): Node<T> | null {
    return this.#do("get", id) as Node<T> | null;
  }

  #do(operation: string, ...parts: unknown[]): unknown {
    const step = this.#step;
    if (step === null) {
      throw new PluresError("ended", "this transaction has ended; its methods are for its callback");
    }
    return call(() => step(operation, ...parts));
  }
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

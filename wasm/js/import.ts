/** Imports JSON Lines in batches that are short enough to leave the page responsive. */

import type { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { guarded } from "./listeners.ts";
import { pause } from "./pause.ts";
import { type TextSource, piecesOf } from "./text-source.ts";
import type { LongWork, Progress } from "./types.ts";

/** What one batch may take, so that a frame is missed at most now and then. */
const BATCH_MS = 12;
/** Characters of a batch: where it starts and between what it settles by the time it takes. */
const FIRST_BATCH = 32 * 1024;
const SMALLEST_BATCH = 8 * 1024;
const LARGEST_BATCH = 256 * 1024;

/** Where each batch goes, besides the database. */
export interface Sink {
  /** Commits, and lets others learn of it. */
  write<R>(work: (core: CoreDatabase) => R): Promise<R>;
  /** Waits while too much is yet to be stored. */
  room(): Promise<void>;
}

export async function importLines(source: TextSource, sink: Sink, work: LongWork): Promise<Progress> {
  const { onProgress, signal } = work;
  const progress: Progress = { done: 0, nodes: 0, edges: 0 };
  if (typeof source === "string") progress.total = source.length;
  let firstLine = 1;
  let size = FIRST_BATCH;
  let rest = "";

  const run = async (batch: string): Promise<void> => {
    signal?.throwIfAborted();
    // Bytes are decoded without the mark; a text may still have it.
    const lines = progress.done === 0 ? batch.replace(/^\ufeff/, "") : batch;
    const [[nodes = 0, edges = 0, read = 0], took] = await sink.write((core) => {
      const begun = performance.now();
      return [core.importLines(lines, firstLine), performance.now() - begun];
    });
    size = nextSize(size, batch.length, took);
    firstLine += read;
    progress.done += batch.length;
    progress.nodes += nodes;
    progress.edges += edges;
    if (onProgress) guarded(onProgress, { ...progress });
    await sink.room();
    await pause();
  };

  signal?.throwIfAborted();
  for await (const piece of piecesOf(source)) {
    rest += piece;
    let from = 0;
    for (;;) {
      const end = batchEnd(rest, from, size);
      if (end === null) break;
      await run(rest.slice(from, end));
      from = end;
    }
    rest = rest.slice(from);
  }
  if (rest !== "") await run(rest);
  signal?.throwIfAborted();
  return progress;
}

/** Where a batch of about `size` ends, behind a line end; null while there is less than that. */
function batchEnd(text: string, from: number, size: number): number | null {
  if (text.length - from < size) return null;
  const before = text.lastIndexOf("\n", from + size - 1);
  // A single line may be longer than a batch.
  const at = before >= from ? before : text.indexOf("\n", from + size);
  return at < 0 ? null : at + 1;
}

function nextSize(size: number, length: number, took: number): number {
  const fitting = (length * BATCH_MS) / Math.max(took, 0.1);
  // Half way there: one slow batch says little.
  const next = (size + fitting) / 2;
  return Math.round(Math.min(Math.max(next, SMALLEST_BATCH), LARGEST_BATCH));
}

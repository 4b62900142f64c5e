/** Writes JSON Lines piece by piece. */

import type { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { guarded } from "./listeners.ts";
import { call } from "./errors.ts";
import { pause } from "./pause.ts";
import type { LongWork, Progress } from "./types.ts";

export async function* exportLines(
  core: CoreDatabase,
  { onProgress, signal }: LongWork,
): AsyncGenerator<string, void, undefined> {
  const { nodes, edges } = call(() => core.status()) as { nodes: number; edges: number };
  const progress: Progress = { done: 0, total: nodes + edges, nodes: 0, edges: 0 };
  const lines = call(() => core.export());
  try {
    for (;;) {
      signal?.throwIfAborted();
      const piece = call(() => lines.next()) as [string, number, number] | undefined;
      if (piece === undefined) return;
      const [text, moreNodes, moreEdges] = piece;
      progress.nodes += moreNodes;
      progress.edges += moreEdges;
      progress.done = progress.nodes + progress.edges;
      if (onProgress) guarded(onProgress, { ...progress });
      yield text;
      await pause();
    }
  } finally {
    lines.free();
  }
}

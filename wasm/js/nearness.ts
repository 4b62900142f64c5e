/** What a search by nearness is asked. */

import type { Embedder, Parameters } from "./types.ts";

/** What is near to what: a vector; the vector of a node, which is not found itself; or that of a text. */
export type NearTo = Float32Array | readonly number[] | { id: string } | { text: string; embedder: Embedder };

/** How to look for what is near. */
export interface NearestOptions {
  /** At most so many (default 10). */
  limit?: number;
  /** Only nodes for which this SQL condition over the columns of the type holds. */
  where?: string;
  /** The values of the condition's parameters. */
  params?: Parameters;
}

/** Search by the nearness of vectors. */

import type { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { vectorOf } from "./embed/work.ts";
import type { Data, Embedder, Hit, Parameters } from "./types.ts";

const LIMIT = 10;

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

export type Search<T extends Data> = (core: CoreDatabase) => Hit<T>[];

/** What is to be asked of the module, once it is known. Nothing where a text has no vector. */
export async function nearest<T extends Data>(
  type: string,
  field: string,
  to: NearTo,
  { limit = LIMIT, where, params }: NearestOptions = {},
): Promise<Search<T>> {
  const ask = (near: unknown, model?: string): Search<T> =>
    (core) => core.nearest(type, field, near, model, limit, where, params) as Hit<T>[];
  if (typeof to === "object" && "text" in to) {
    const vector = await vectorOf(to.embedder, to.text);
    return vector.length === 0 ? () => [] : ask(vector, to.embedder.model);
  }
  return ask(typeof to === "object" && "id" in to ? to.id : to);
}

/** Search by the nearness of vectors. */

import type { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { vectorOf } from "./embed/work.ts";
import type { NearTo, NearestOptions } from "./nearness.ts";
import { limited } from "./options.ts";
import type { Hit } from "./types.ts";

const LIMIT = 10;

export type Search<T extends object> = (core: CoreDatabase) => Hit<T>[];

/** What is to be asked of the module, once it is known. Nothing where a text has no vector. */
export async function nearest<T extends object>(
  type: string,
  field: string,
  to: NearTo,
  { limit = LIMIT, where, params }: NearestOptions = {},
): Promise<Search<T>> {
  const most = limited(limit, "limit");
  const ask = (near: unknown, model?: string): Search<T> =>
    (core) => core.nearest(type, field, near, model, most, where, params) as Hit<T>[];
  if (typeof to === "object" && "text" in to) {
    const vector = await vectorOf(to.embedder, to.text);
    return vector.length === 0 ? () => [] : ask(vector, to.embedder.model);
  }
  return ask(typeof to === "object" && "id" in to ? to.id : to);
}

/** Counts by facets, as the module takes them. */

import type { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import type { FacetOptions, Facets } from "./asked.ts";

const LIMIT = 20;

export function facets(core: CoreDatabase, options: FacetOptions): Facets {
  const { fields, type, where, params, search, chosen = [], limit = LIMIT } = options;
  const pairs = chosen.map(({ field, values }) => [field, values]);
  return core.facets(type, where, params, search, [...fields], pairs, limit) as Facets;
}

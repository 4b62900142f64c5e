/** Facets, and statements saved by name. */

import type { Data, Field, Parameter, Value } from "./types.ts";

/** Which nodes are counted, and by which fields. */
export interface FacetOptions {
  /** The fields to count by. Each element of an array or set counts. */
  fields: readonly Field[];
  /** Only nodes of this type. */
  type?: string;
  /** Only nodes for which this SQL condition over the columns of the type, or of `nodes`, holds. */
  where?: string;
  /** Values of its parameters, in their order. */
  params?: readonly Parameter[];
  /** Only nodes that a search by these words finds. */
  search?: string;
  /** Only nodes that have one of these values; of its own field all values are counted all the same. */
  chosen?: readonly { field: Field; values: readonly Value[] }[];
  /** At most so many values of each field (default 20). */
  limit?: number;
}

/** The values of a field, those first that the most nodes have. */
export interface Facet {
  field: Field;
  values: { value: Value; count: number }[];
  /** Whether there are further values. */
  more: boolean;
}

/** What was counted. */
export interface Facets {
  /** How many nodes meet everything. */
  total: number;
  facets: Facet[];
}

/** Values of a saved query's parameters, by name. */
export type Named = Readonly<Record<string, Parameter>>;

/** A statement with a name: the node `$query/<name>`, which syncs like every node. */
export interface SavedQuery {
  name: string;
  /** One statement that reads; its parameters have names. */
  sql: string;
  /** What parameters are where no value is given. */
  params?: Data;
  /** What it is for. */
  description?: string;
}

/**
 * How each method of a database is carried to a worker. A method that is missing here is an error of types: `call` fits
 * all that take plain values, functions and signals in their options, and give a promise.
 */

import type { Handy } from "../handy/handy.ts";
import type { Database } from "../types.ts";

type Own = Omit<Database, keyof Handy>;
type Method = { [K in keyof Own]: Own[K] extends (...args: never[]) => unknown ? K : never }[keyof Own];

/** `call`: asks and answers. `rows`: gives its items in pages. `own`: written out in `remote.ts`. */
export const methods = {
  put: "call",
  patch: "call",
  delete: "call",
  get: "call",
  list: "call",
  link: "call",
  unlink: "call",
  edges: "call",
  neighbours: "call",
  traverse: "call",
  shortestPath: "call",
  subgraph: "call",
  components: "call",
  pagerank: "call",
  increment: "call",
  addToSet: "call",
  removeFromSet: "call",
  editText: "call",
  editList: "call",
  applyUpdate: "call",
  fieldUpdate: "call",
  embed: "call",
  keepEmbedded: "own",
  defineType: "call",
  defineJsonSchema: "call",
  types: "call",
  jsonSchema: "call",
  violations: "call",
  history: "call",
  getAsOf: "call",
  undo: "call",
  redo: "call",
  compact: "call",
  transaction: "own",
  query: "call",
  table: "call",
  rows: "rows",
  exec: "call",
  execScript: "call",
  explain: "call",
  live: "own",
  liveAnswer: "own",
  facets: "call",
  saveQuery: "call",
  savedQueries: "call",
  runSaved: "call",
  liveSaved: "own",
  removeQuery: "call",
  search: "own",
  nearest: "call",
  importJsonl: "call",
  exportJsonl: "rows",
  image: "call",
  sync: "own",
  onChange: "own",
  durable: "call",
  status: "call",
  onStorage: "own",
  persist: "own",
  stateHash: "call",
  close: "own",
} as const satisfies Record<Method, "call" | "rows" | "own">;

type Methods = typeof methods;
export type CallMethod = { [K in keyof Methods]: Methods[K] extends "call" ? K : never }[keyof Methods];
export type RowsMethod = { [K in keyof Methods]: Methods[K] extends "rows" ? K : never }[keyof Methods];

export const methodsOf = <Kind extends "call" | "rows">(kind: Kind): (Kind extends "call" ? CallMethod : RowsMethod)[] =>
  Object.entries(methods).filter(([, each]) => each === kind).map(([name]) => name) as never;

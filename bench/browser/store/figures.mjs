/** The figures of keeping documents, and what is promised of them. `more` says that more is better. */

import { floor, here, ours } from "./peers.mjs";

/** `goal.of` is whose figure is judged, `goal.most` and `goal.least` limits in the unit, `goal.times` one in times of IndexedDB. */
export const figures = [
  { key: "opening", title: "empty open to first write readable", short: "open", unit: "ms", goal: { of: ours, most: 80 } },
  { key: "reopening", title: "reopen with all documents, in a new tab, to the first indexed query", short: "reopen", unit: "ms", goal: { of: ours, most: 300 } },
  { key: "strict", title: "strict put", short: "strict put", unit: "ms", goal: { of: ours, times: 1.3 } },
  { key: "relaxed", title: "relaxed put", short: "relaxed put", unit: "us", goal: { of: ours, most: 60 } },
  { key: "pipelined", title: "strict puts awaited together, a second", short: "pipelined puts", unit: "/s", more: true, goal: { of: ours, least: 20_000 } },
  { key: "load", title: "load of all documents until durable", short: "load", unit: "s", goal: { of: ours, most: 5 } },
  { key: "gap", title: "longest time without a frame in the load", short: "no frame", unit: "ms" },
  { key: "get", title: "get by id, on the page's thread", short: "get", unit: "us", goal: { of: here, most: 25 } },
  { key: "query", title: "indexed query with a filter, 10 whole documents of all", short: "query", unit: "ms", goal: { of: ours, most: 1 } },
  { key: "tab", title: "put until another tab has seen it", short: "other tab", unit: "ms", goal: { of: ours, most: 10 } },
];

/**
 * What is told of a figure by its values of each peer: the goal in words, what was found, and whether it was reached.
 * Nothing where there is no goal; `reached` is undefined where it was not measured.
 */
export function judged({ key, unit, goal }, found) {
  if (!goal) return undefined;
  const { of, most, least, times } = goal;
  const value = found[of]?.[key]?.p50;
  const ratio = value / found[floor]?.[key]?.p50;
  const words = times ? `<= ${times}x IndexedDB` : `${most ? "<=" : ">="} ${(most ?? least).toLocaleString("en-US")} ${unit}`;
  const known = !Number.isNaN(times ? ratio : Number(value));
  const reached = times ? ratio <= times : most ? value <= most : value >= least;
  return { of, words, value, reached: known ? reached : undefined };
}

/** From values to what is told of them. */

/** Sorted values by their places, as the native part has them. */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), most: at(1) };
}

/** What is told of times; where there are none, that it took longer than was waited. */
export const told = (times, patience) => (times === null ? { cut: `> ${patience / 1000} s` } : spread(times));

/**
 * What the module gives as JSON text. One text that crosses and is read by the page's own parser costs less than values that
 * cross one by one.
 */

/** What JSON reads otherwise than it is meant: bytes, and whole numbers that may be beyond 2^53. Digits behind a point are no such. */
const UNLIKE = /"\$bytes"|(?<![.\d])\d{16}/;

/** What was given as values, or as their JSON. */
export function valuesOf<T>(given: unknown): T {
  return (typeof given === "string" ? JSON.parse(given) : given) as T;
}

/** The value of the text, or what `values` gives where JSON cannot tell it. */
export function fromJson<T>(json: string, values: () => T): T {
  if (UNLIKE.test(json)) return values();
  try {
    return JSON.parse(json) as T;
  } catch {
    // Damaged behind its checksum: reading its values says where.
    return values();
  }
}

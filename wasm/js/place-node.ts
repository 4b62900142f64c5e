/** Where a file of the package is in Node. */

import { stat } from "node:fs/promises";

/**
 * The first of these places that is a file; the last one where none is, for its message. An entry says each of its files in
 * two ways, since it may be bundled: as an address beside the script, for which bundlers copy the file and may give an
 * address on the site instead, and as a path beside the script, which bundlers leave and follow to what they ship.
 */
export async function found(places: readonly (() => URL)[]): Promise<URL> {
  let place: URL | undefined;
  let why: unknown;
  for (const each of places) {
    try {
      // Some give an object that only looks like an address.
      place = new URL(each());
      // Not `access`, for which Deno wants more than leave to read.
      await stat(place);
      return place;
    } catch (error) {
      why = error;
    }
  }
  if (place === undefined) throw why;
  return place;
}

/** The sections of the benchmark of a page. */

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { onSite } from "../lib/pages.mjs";
import { content } from "./bundle.mjs";
import * as store from "./store/measure.mjs";
import * as text from "./text/measure.mjs";

const sections = { store, text };

export const names = Object.keys(sections);

/** What the sections named find, by name. `size(full, quick)` chooses a number; profiles and bundles go into a folder in `scratch`. */
export async function measure(wanted, { size, scratch }) {
  const folder = await mkdtemp(join(scratch, "browser-"));
  try {
    return await onSite(await content(folder), async (url) => {
      const found = {};
      for (const name of names.filter((name) => wanted.includes(name))) {
        console.error(`section ${name}`);
        found[name] = await sections[name].measure(url, { size, folder });
      }
      return found;
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

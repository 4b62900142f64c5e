/**
 * The page's part of the benchmarks of queries. A section is a file that exports `measure(site, setting)`, which
 * gives figures as the native part prints them:
 *
 *   { section, place: "page", figure, unit, goal: { middle } | { p95 } | { every } | null, spreads: [[name, { p50, p95, most }]] }
 *
 * `site.run(work, argument)` runs a function, or the text of an expression, in a fresh page of a fresh Chromium, with the npm package as
 * `window.pluresdb` and the peers under `/peers/`; `setting.size(full, quick)` chooses a number.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../../../tests/js/lib/chromium.mjs";
import { site as serve, tab } from "../../../tests/js/lib/package-page.mjs";
import { scratch } from "../../../scripts/lib/paths.mjs";
import * as hybrid from "./hybrid.mjs";
import * as live from "./live.mjs";
import * as store from "./store.mjs";
import * as text from "./text.mjs";
import * as vectors from "./vectors.mjs";

const queries = { hybrid, live, text, vectors };
const sections = { ...queries, store };

/** Those of queries, which are measured where none is named. */
export const names = Object.keys(queries);

/** The figures of the sections named. */
export async function measure(wanted, setting) {
  const peers = { folder: join(fileURLToPath(new URL(".", import.meta.url)), "node_modules") };
  // WordNet as JSON Lines, which the script has written there.
  const data = { folder: join(scratch, "bench") };
  const { url, close } = await serve({ "/peers/": peers, "/data/": data });
  const run = async (work, argument) => {
    const { context, close } = await launch();
    try {
      const page = await tab(context, url);
      page.setDefaultTimeout(0);
      return await page.evaluate(work, argument);
    } finally {
      await close();
    }
  };
  try {
    const figures = [];
    for (const name of Object.keys(sections).filter((name) => wanted.includes(name))) {
      console.error(`  ${name}, in a page`);
      const found = await sections[name].measure({ run }, setting);
      figures.push(...found.map((figure) => ({ section: name, place: "page", goal: null, ...figure })));
    }
    return figures;
  } finally {
    await close();
  }
}

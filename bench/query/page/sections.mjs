/**
 * The page's part of the benchmarks of queries. A section is a file that exports `measure(site, setting)`, which
 * gives figures as the native part prints them:
 *
 *   { section, place: "page", figure, unit, goal: { middle } | { p95 } | { every } | null, spreads: [[name, { p50, p95, most } | { cut }]] }
 *
 * `site.run(work, argument)` runs a function, or the text of an expression, in a fresh page of a fresh Chromium, with the npm package as
 * `window.pluresdb` and the peers under `/peers/` and `/bundles/`; `setting.size(full, quick)` chooses a number, and for a step of a peer
 * that takes longer than `setting.patience` milliseconds, `cut` says so.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratch } from "../../../scripts/lib/paths.mjs";
import { onSite, runFresh } from "../../lib/pages.mjs";
import { bundlePeers } from "./bundle.mjs";
import * as hybrid from "./hybrid.mjs";
import * as live from "./live.mjs";
import * as text from "./text.mjs";
import * as vectors from "./vectors.mjs";

const sections = { hybrid, live, text, vectors };

export const names = Object.keys(sections);

/** The figures of the sections named. */
export async function measure(wanted, { size }) {
  const setting = { size, patience: size(60_000, 10_000) };
  const peers = { folder: join(fileURLToPath(new URL(".", import.meta.url)), "node_modules") };
  // WordNet as JSON Lines, which the script has written there.
  const data = { folder: join(scratch, "bench") };
  const bundles = { folder: join(scratch, "bench", "query-peers") };
  await bundlePeers(bundles.folder);
  return onSite({ "/peers/": peers, "/bundles/": bundles, "/data/": data }, async (url) => {
    const run = (work, argument) => runFresh(url, work, argument);
    const figures = [];
    for (const name of names.filter((name) => wanted.includes(name))) {
      console.error(`  ${name}, in a page`);
      const found = await sections[name].measure({ run }, setting);
      figures.push(...found.map((figure) => ({ section: name, place: "page", goal: null, ...figure })));
    }
    return figures;
  });
}

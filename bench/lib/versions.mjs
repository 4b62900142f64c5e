/** What was measured, by version: the browser and the peers. */

import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { findBrowser } from "../../scripts/lib/browser.mjs";

/** As a sentence; the peers are those of a folder of `bench`. */
export async function versions(folder) {
  const { dependencies } = JSON.parse(await readFile(new URL(`../${folder}/package.json`, import.meta.url), "utf8"));
  const browser = await chromium.launch({ executablePath: findBrowser().chrome });
  const version = browser.version();
  await browser.close();
  const peers = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
  return `Chromium ${version}; ${peers.join(", ")}.`;
}

/** What pages come to hold. Polled from outside: a predicate that gives a promise is not sure to be awaited in a page. */

/* global window -- inside pages */

import assert from "node:assert/strict";

/** Waits until the databases `window.db` of all pages hold the same nodes and edges; gives their hash. */
export async function agree(...pages) {
  let hashes = [];
  for (let tries = 0; tries < 100; tries += 1) {
    hashes = await Promise.all(pages.map((page) => page.evaluate(() => window.db.stateHash())));
    if (new Set(hashes).size === 1) return hashes[0];
    await pages[0].waitForTimeout(50);
  }
  assert.fail(`the tabs do not agree: ${hashes.join(", ")}`);
}

/** Waits until a function in the page resolves to something true. */
export async function until(page, work, argument) {
  const end = Date.now() + 10_000;
  while (!(await page.evaluate(work, argument))) {
    assert.ok(Date.now() < end, `never true: ${work}`);
    await page.waitForTimeout(20);
  }
}

/** Waits until `window.db` has a node. */
export const waitFor = (page, id) => until(page, async (id) => (await window.db.get(id)) !== null, id);

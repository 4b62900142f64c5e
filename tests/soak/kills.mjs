/** Kills a browser in the middle of writes, again and again, and looks for what it had acknowledged. */

/* global window -- inside pages */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { site, tab } from "../js/lib/package-page.mjs";
import { random } from "./random.mjs";

/** A browser is killed at most so many milliseconds after the first write that it acknowledged. */
const LONGEST_MS = 500;
/** Milliseconds for a browser to acknowledge its first write. */
const PATIENCE_MS = 30_000;

/**
 * `launch({ profile })` starts the browser. `told` hears of each round; where `stopped` says so, no other begins.
 * Gives how often it was killed, how many writes were acknowledged, and for each round that missed some of them how many
 * of how many, with what the database says about it.
 */
export async function killWhileWriting({ launch, kills, seed = 1, told = () => undefined, stopped = () => false }) {
  const profile = await mkdtemp(join(tmpdir(), "pluresdb-kills-"));
  const next = random(seed);
  const kept = new Set();
  const result = { kills: 0, acknowledged: 0, broken: [] };
  let first;
  const acknowledged = (ids) => {
    for (const id of ids.split(" ")) kept.add(id);
    result.acknowledged += 1;
    first();
  };
  const { url, close } = await site({ "/acknowledged": acknowledged });
  try {
    // One round more than kills: what the last one left is looked at, too.
    for (let round = 0; round <= kills; round += 1) {
      const begun = new Promise((resolve) => (first = resolve));
      const browser = await launch({ profile });
      const page = await opened(browser, url);
      const { ids, storageError } = await page.evaluate(async () => (await import("/soak/writing.mjs")).whole(window.db));
      const found = new Set(ids);
      const missing = [...kept].filter((id) => !found.has(id));
      if (missing.length > 0) result.broken.push({ round, missing: missing.length, of: kept.size, storageError });
      for (const id of missing) kept.delete(id);
      told(`${result.kills} kills: ${result.acknowledged} acknowledged, ${missing.length} missing`);
      if (round === kills || stopped()) {
        await browser.close();
        break;
      }
      await page.evaluate(async (round) => void (await import("/soak/writing.mjs")).write(window.db, round), round);
      await within(PATIENCE_MS, begun);
      await new Promise((resolve) => setTimeout(resolve, next() * LONGEST_MS));
      await browser.kill();
      result.kills += 1;
    }
  } finally {
    await close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  return result;
}

async function opened(browser, url) {
  const page = await tab(browser.context, url);
  await page.evaluate(async () => {
    window.db = await window.pluresdb.open("idb://kills");
  });
  return page;
}

/** A promise, or a failure where it takes too long. */
async function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the browser acknowledged no write")), milliseconds);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Tabs of one database that write, end and come back at random, and have to hold the same in the end. */

/* global window -- inside pages */

import { launch } from "../js/lib/chromium.mjs";
import { site, tab } from "../js/lib/package-page.mjs";
import { random } from "./random.mjs";

/** A tab writes at most so many milliseconds before it ends. */
const LONGEST_MS = 2_500;
/** So long the tabs have at the end to come to hold the same. */
const PATIENCE_MS = 30_000;

/**
 * Gives how many lives the tabs had, how many writes were acknowledged, how many there are, and what is `broken`: what is
 * missing, what counts twice, who holds something else.
 */
export async function tabsWhileEnding({ tabs, seconds, seed = 1, told = () => undefined, stopped = () => false }) {
  const kept = new Set();
  const { url, close } = await site({ "/acknowledged": (ids) => ids.split(" ").forEach((id) => kept.add(id)) });
  const browser = await launch();
  try {
    const until = Date.now() + seconds * 1000;
    const soak = { open: () => opened(browser.context, url), over: () => stopped() || Date.now() > until, lives: 0 };
    const first = await soak.open();
    await first.evaluate(() => window.db.put({ id: "sum", type: "Sum", data: {} }));
    const progress = setInterval(() => told(`${soak.lives} lives of tabs: ${kept.size} acknowledged`), 5_000);
    const pages = await Promise.all(Array.from({ length: tabs }, (_, at) => lives(soak, random(seed * 1_000 + at))));
    clearInterval(progress);
    return { lives: soak.lives, acknowledged: kept.size, ...(await outcome([first, ...pages], soak, kept)) };
  } finally {
    await browser.close();
    await close();
  }
}

async function opened(context, url) {
  const page = await tab(context, url);
  await begin(page);
  return page;
}

const begin = (page) =>
  page.evaluate(async () => {
    window.db = await window.pluresdb.open("idb://tabs");
  });

/** One tab after another, until the time is over; gives the last one, which does not write any more. */
async function lives(soak, next) {
  let page = await soak.open();
  for (;;) {
    soak.lives += 1;
    await page.evaluate(async (run) => {
      const { writeCounted } = await import("/soak/writing.mjs");
      window.writing = writeCounted(window.db, run, () => window.enough === true);
    }, soak.lives);
    await page.waitForTimeout(next() * LONGEST_MS);
    if (soak.over()) {
      await page.evaluate(() => {
        window.enough = true;
        return window.writing;
      });
      return page;
    }
    page = await ends[Math.floor(next() * ends.length)](page, soak);
  }
}

/** The ways in which a tab ends in the middle of its writes, each giving the next one. */
const ends = [
  async (page, soak) => {
    await page.close();
    return soak.open();
  },
  async (page, soak) => {
    await page.evaluate(() => {
      window.writing.catch(() => undefined);
      return window.db.close();
    });
    await page.close();
    return soak.open();
  },
  async (page) => {
    await page.reload();
    await page.waitForFunction(() => window.pluresdb !== undefined);
    await begin(page);
    return page;
  },
];

async function outcome(pages, soak, kept) {
  const broken = [];
  const hashOf = (page) => page.evaluate(() => window.db.stateHash());
  let hashes;
  for (const end = Date.now() + PATIENCE_MS; ; await pages[0].waitForTimeout(100)) {
    hashes = new Set(await Promise.all(pages.map(hashOf)));
    if (hashes.size === 1 || Date.now() > end) break;
  }
  const late = await soak.open();
  hashes.add(await hashOf(late));
  if (hashes.size > 1) broken.push({ unequal: [...hashes] });
  const { ids, sum, storageError } = await late.evaluate(async () => {
    const { whole } = await import("/soak/writing.mjs");
    return { ...(await whole(window.db)), sum: (await window.db.get("sum")).data.n };
  });
  const found = new Set(ids);
  const missing = [...kept].filter((id) => !found.has(id));
  if (missing.length > 0) broken.push({ missing });
  if (sum !== found.size) broken.push({ counted: sum, nodes: found.size });
  if (storageError !== null) broken.push({ storageError });
  return { nodes: found.size, broken };
}

/** What a page's database holds in memory after much use, beside the data. */

/* global window -- inside pages */

import { launch } from "../js/lib/chromium.mjs";
import { site, tab } from "../js/lib/package-page.mjs";

/** Writes under way at once. */
const TOGETHER = 200;
/** Nodes that are written over and over. */
const NODES = 1_000;
/** What may be held beside the data, for what is under way. */
const SLACK = 4 * 2 ** 20;
/**
 * Of the database: itself, the two copies that a checkpoint makes for a moment, and the room that earlier and smaller
 * ones have left. Where freed room is not joined, it is more with each copy.
 */
const COPIES = 6;

/** A page whose memory can be looked at: `{ page, held, close }`. */
async function watchedPage() {
  const served = await site();
  const browser = await launch();
  const page = await tab(browser.context, served.url, { here: true });
  await page.evaluate(() => {
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = async (...parts) => {
      const made = await instantiateStreaming.apply(WebAssembly, parts);
      window.memory = made.instance.exports.memory;
      return made;
    };
  });
  const devtools = await browser.context.newCDPSession(page);
  const held = async () => {
    // Twice: what the collector found is freed in a task of its own.
    for (let times = 0; times < 2; times += 1) await devtools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    return { module: await page.evaluate(() => window.memory.buffer.byteLength), javascript: usedSize };
  };
  const close = async () => {
    await browser.close();
    await served.close();
  };
  return { page, held, close };
}

/**
 * Opens a stored database, uses it and closes it, again and again. Gives the bytes held after a fifth of that and at the
 * end; `broken` says where they grew.
 */
export async function openAndClose({ opens, told = () => undefined, stopped = () => false }) {
  const { page, held, close } = await watchedPage();
  try {
    const some = Math.ceil(opens / 5);
    let [done, early] = [0, null];
    while (done < opens && !stopped()) {
      await page.evaluate(async (count) => {
        for (let n = 0; n < count; n += 1) {
          const db = await window.pluresdb.open("idb://opens");
          db.live("SELECT id FROM nodes", undefined, () => undefined);
          db.onChange(() => undefined);
          await db.put({ id: "a", type: "Note", data: { n } });
          await db.close();
        }
      }, some);
      done += some;
      early ??= await held();
      told(`${done} opens and closes`);
    }
    const late = await held();
    return { opens: done, early, late, broken: grown(late, { module: early.module, javascript: early.javascript }) };
  } finally {
    await close();
  }
}

/**
 * Writes the same nodes over and over. Gives the bytes held after a tenth of that and at the end, and each time the bytes of
 * the database; `broken` says where they are more than those explain.
 */
export async function writeMany({ writes, told = () => undefined, stopped = () => false }) {
  const { page, held, close } = await watchedPage();
  try {
    await page.evaluate(async () => {
      window.db = await window.pluresdb.open("idb://writes");
    });
    const some = Math.ceil(writes / 10 / TOGETHER) * TOGETHER;
    const look = async () => ({ image: await page.evaluate(async () => (await window.db.image()).length), ...(await held()) });
    let [done, early] = [0, null];
    const begun = Date.now();
    while (done < writes && !stopped()) {
      await page.evaluate(
        async ([first, count, together, nodes]) => {
          for (let n = first; n < first + count; n += together) {
            const put = (_, at) => window.db.put({ id: `n${(n + at) % nodes}`, type: "Note", data: { n: n + at } });
            await Promise.all(Array.from({ length: together }, put));
          }
        },
        [done, some, TOGETHER, NODES],
      );
      done += some;
      const now = await look();
      early ??= now;
      told(`${done} writes, ${Math.round((done * 1000) / (Date.now() - begun))} each second: ${JSON.stringify(now)}`);
    }
    const late = await look();
    return { writes: done, early, late, broken: grown(late, { module: late.image * COPIES, javascript: early.javascript }) };
  } finally {
    await close();
  }
}

/** What is held beyond what may be. */
const grown = (held, most) =>
  Object.keys(most)
    .filter((where) => held[where] > most[where] + SLACK)
    .map((where) => ({ where, held: held[where], most: most[where] }));

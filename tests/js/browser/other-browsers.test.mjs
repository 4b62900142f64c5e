/* global window -- inside pages */

// The package in Firefox and WebKit: what matters most of what the other files here prove in Chromium.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { open as openInNode, PluresError } from "pluresdb";
import { killWhileWriting } from "../../soak/kills.mjs";
import { agree, waitFor } from "../lib/eventually.mjs";
import { everything } from "../lib/everything.mjs";
import { everythingAt, site, tab } from "../lib/package-page.mjs";
import { relay } from "../lib/relay.mjs";
import { launchFirefox, launchWebKit, missing } from "../lib/webdriver.mjs";

/** Opens `idb://name` as `window.db`. */
const openDatabase = (page, name, options = {}) =>
  page.evaluate(
    async ([url, options]) => {
      window.db = await window.pluresdb.open(url, options);
      return { actor: window.db.actor, worker: (await window.db.status()).worker };
    },
    [`idb://${name}`, options],
  );

const put = (page, id) => page.evaluate((id) => window.db.put({ id, type: "Note", data: { id } }), id);
const ids = (page) => page.evaluate(async () => (await window.db.list({ limit: 1000 })).map(({ id }) => id).sort());
const ready = (page) => page.waitForFunction(() => window.pluresdb !== undefined);

/** What a browser does, in one process and on one site for all of its tests. */
function does(launch) {
  let browser, served;
  const open = (options) => tab(browser.context, served.url, options);
  before(async () => {
    served = await site();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await served?.close();
  });

  for (const here of [false, true]) {
    test(`does ${here ? "on the page" : "in a worker"} what Node does`, async () => {
      const expected = await everything({ open: openInNode, PluresError }, "memory://");
      const page = await open({ here });
      assert.deepEqual(await everythingAt(page, `idb://parity-${here}`), JSON.parse(JSON.stringify(expected)));
      await page.close();
    });
  }

  test("what was awaited is there after a reload, under the same actor", async () => {
    const page = await open();
    const { actor, worker } = await openDatabase(page, "reload");
    assert.equal(worker, true);
    for (let n = 0; n < 20; n += 1) await put(page, `n${n}`);
    const hash = await page.evaluate(() => window.db.stateHash());
    await page.reload();
    await ready(page);
    assert.equal((await openDatabase(page, "reload")).actor, actor);
    assert.equal(await page.evaluate(() => window.db.stateHash()), hash);
    await page.close();
  });

  test("two tabs write at once and come to hold the same; a third has the actor of one that closed", async () => {
    const pages = [await open(), await open()];
    const actors = [];
    for (const page of pages) actors.push((await openDatabase(page, "pair")).actor);
    assert.notEqual(actors[0], actors[1]);
    await put(pages[0], "shared");
    await waitFor(pages[1], "shared");
    for (const [at, page] of pages.entries()) {
      await page.evaluate((at) => {
        window.writing = (async () => {
          for (let n = 0; n < 30; n += 1) {
            await window.db.put({ id: `${at}-${n}`, type: "Note", data: { n } });
            await window.db.increment("shared", "sum", 1);
          }
        })();
      }, at);
    }
    for (const page of pages) await page.evaluate(() => window.writing);
    await agree(...pages);
    const sum = () => pages[0].evaluate(async () => (await window.db.get("shared")).data.sum);
    assert.equal(await sum(), 60);
    assert.equal((await ids(pages[1])).length, 61);
    await pages[1].close();
    const late = await open();
    assert.equal((await openDatabase(late, "pair")).actor, actors[1]);
    await agree(pages[0], late);
    await Promise.all([pages[0], late].map((page) => page.close()));
  });

  test("two databases sync by a relay", async (t) => {
    const { url } = await relay(t);
    const space = "0123456789abcdef0123456789abcdef";
    const pages = [await open(), await open()];
    for (const [at, page] of pages.entries()) {
      await openDatabase(page, `synced-${at}`, { space });
      await put(page, `from ${at}`);
      await page.evaluate((url) => {
        window.session = window.db.sync(url);
      }, url);
    }
    await waitFor(pages[0], "from 1");
    await waitFor(pages[1], "from 0");
    await agree(...pages);
    assert.deepEqual(await pages[0].evaluate(() => window.session.settled().then(() => window.session.status.error)), null);
    await Promise.all(pages.map((page) => page.close()));
  });

  test("where no worker can be started the page's thread does it, and the status says why", async (t) => {
    const strict = await site({}, { headers: { "content-security-policy": "worker-src 'none'" } });
    t.after(strict.close);
    const page = await tab(browser.context, strict.url);
    await openDatabase(page, "fallback");
    await put(page, "a");
    const { worker, workerError, nodes } = await page.evaluate(() => window.db.status());
    assert.deepEqual([worker, nodes], [false, 1]);
    assert.match(workerError, /could not be started/);
    await page.close();
  });

  test("a page that is left and returned to goes on, with what others wrote meanwhile", async () => {
    const [leaving, other] = [await open(), await open()];
    for (const page of [leaving, other]) await openDatabase(page, "left");
    await put(leaving, "before");
    await leaving.goto(`${served.url}/lib/process.mjs`);
    await put(other, "meanwhile");
    await leaving.goBack();
    await ready(leaving);
    // Kept as it was by the browser, or loaded anew.
    if (await leaving.evaluate(() => window.db === undefined)) await openDatabase(leaving, "left");
    await waitFor(leaving, "meanwhile");
    await put(leaving, "after");
    await agree(leaving, other);
    assert.deepEqual(await ids(other), ["after", "before", "meanwhile"]);
    await Promise.all([leaving, other].map((page) => page.close()));
  });

  test("a page that is returned to and a tab that came meanwhile hear of each other", async () => {
    const leaving = await open();
    await openDatabase(leaving, "returned");
    await leaving.goto(`${served.url}/lib/process.mjs`);
    const other = await open();
    await openDatabase(other, "returned");
    await put(other, "meanwhile");
    await leaving.goBack();
    await ready(leaving);
    // WebKit keeps it as it was.
    if (await leaving.evaluate(() => window.db === undefined)) await openDatabase(leaving, "returned");
    await waitFor(leaving, "meanwhile");
    await put(other, "later");
    await waitFor(leaving, "later");
    await Promise.all([leaving, other].map((page) => page.close()));
  });
}

describe("Firefox", { skip: missing.firefox() }, () => {
  does(launchFirefox);

  test("keeps what was awaited when it is killed", async () => {
    const { kills, acknowledged, broken } = await killWhileWriting({ launch: launchFirefox, kills: 2 });
    assert.deepEqual(broken, []);
    assert.equal(kills, 2);
    assert.ok(acknowledged >= 10, `only ${acknowledged} writes`);
  });
});

describe("Firefox in private windows", { skip: missing.firefox() }, () => {
  test("keeps a database as long as one of them is open", async (t) => {
    const [browser, { url, close }] = [await launchFirefox({ privately: true }), await site()];
    t.after(async () => {
      await browser.close();
      await close();
    });
    const page = await tab(browser.context, url);
    await openDatabase(page, "private");
    await put(page, "a");
    await page.reload();
    await ready(page);
    await openDatabase(page, "private");
    assert.deepEqual(await ids(page), ["a"]);
    const other = await tab(browser.context, url);
    await openDatabase(other, "private");
    await put(other, "b");
    await waitFor(page, "b");
    assert.equal((await page.evaluate(() => window.db.status())).storageError, null);
  });
});

describe("WebKit", { skip: missing.webkit() }, () => {
  does(launchWebKit);
});

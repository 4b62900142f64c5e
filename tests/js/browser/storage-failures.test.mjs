/* global window, IDBDatabase, IDBTransaction -- inside pages */

// Storage that fails in each of the ways that it does: nothing is lost, and the status tells.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, launchIncognito } from "../lib/chromium.mjs";
import { agree, waitFor } from "../lib/eventually.mjs";
import { browserSite, site, tab } from "../lib/package-page.mjs";

/** What is stored by `name`, as another tab finds it. */
async function stored(site, name) {
  const page = await site.open();
  const ids = await page.evaluate(async (url) => {
    const db = await window.pluresdb.open(url);
    const nodes = await db.list();
    await db.close();
    return nodes.map(({ id }) => id);
  }, `idb://${name}`);
  await page.close();
  return ids;
}

test("a connection that the browser has closed is opened anew, unnoticed", async (t) => {
  const site = await browserSite(t);
  const page = await site.open({ here: true });
  const outcome = await page.evaluate(async () => {
    let connection;
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...parts) {
      connection = this;
      return transaction.apply(this, parts);
    };
    const db = (window.db = await window.pluresdb.open("idb://closed"));
    await db.put({ id: "before", type: "Note", data: {} });
    const first = connection;
    connection.close();
    await db.put({ id: "after", type: "Note", data: {} });
    const { unsaved, storageError } = await db.status();
    return { another: connection !== first, unsaved, storageError };
  });
  assert.deepEqual(outcome, { another: true, unsaved: 0, storageError: null });
  assert.deepEqual(await stored(site, "closed"), ["after", "before"]);
});

test("a transaction that the browser aborts rejects its writes, keeps them, and stores them later, each once", async (t) => {
  const site = await browserSite(t);
  const page = await site.open({ here: true });
  const outcome = await page.evaluate(async () => {
    const db = (window.db = await window.pluresdb.open("idb://aborted"));
    const { commit } = IDBTransaction.prototype;
    let left = 3;
    IDBTransaction.prototype.commit = function () {
      if (left === 0) return commit.call(this);
      left -= 1;
      return this.abort();
    };
    const puts = Array.from({ length: 5 }, (_, n) => db.put({ id: `n${n}`, type: "Note", data: {} }));
    const codes = (await Promise.allSettled(puts)).map(({ reason }) => reason?.code ?? null);
    const { unsaved, storageError, nodes } = await db.status();
    for (let tries = 0; tries < 200 && (await db.status()).unsaved > 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const after = await db.status();
    return { codes, unsaved, failed: storageError !== null, nodes, after: [after.unsaved, after.storageError] };
  });
  assert.deepEqual(outcome, { codes: Array(5).fill("storage"), unsaved: 5, failed: true, nodes: 5, after: [0, null] });
  assert.deepEqual(await stored(site, "aborted"), ["n0", "n1", "n2", "n3", "n4"]);
});

test("a tab that was frozen goes on where it was, with what others wrote meanwhile", async (t) => {
  const site = await browserSite(t);
  const [sleeper, other] = [await site.open(), await site.open()];
  for (const page of [sleeper, other]) {
    await page.evaluate(async () => {
      window.db = await window.pluresdb.open("idb://frozen");
      await window.db.put({ id: window.db.actor, type: "Note", data: {} });
    });
  }
  const devtools = await site.context.newCDPSession(sleeper);
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  await other.evaluate(async () => {
    for (let n = 0; n < 20; n += 1) await window.db.put({ id: `n${n}`, type: "Note", data: {} });
  });
  await devtools.send("Page.setWebLifecycleState", { state: "active" });
  await sleeper.evaluate(() => window.db.put({ id: "awake", type: "Note", data: {} }));
  for (const page of [sleeper, other]) {
    const count = () => page.evaluate(async () => (await window.db.list()).length);
    for (let tries = 0; tries < 100 && (await count()) < 23; tries += 1) await page.waitForTimeout(30);
    assert.equal(await count(), 23);
  }
});

/** Opens `idb://name` as `window.db` in each page. */
async function openIn(name, ...pages) {
  for (const page of pages) {
    await page.evaluate(async (url) => {
      window.db = await window.pluresdb.open(url);
    }, `idb://${name}`);
  }
}

const put = (page, id, data = {}) => page.evaluate(([id, data]) => window.db.put({ id, type: "Note", data }), [id, data]);
const patch = (page, id, data) => page.evaluate(([id, data]) => window.db.patch(id, data), [id, data]);

test("a page that was left and is returned to goes on, with what others wrote meanwhile", async (t) => {
  const [browser, { url, close }] = [await launch({ keepingPages: true }), await site()];
  t.after(async () => {
    await browser.close();
    await close();
  });
  const [leaving, other] = [await tab(browser.context, url), await tab(browser.context, url)];
  await openIn("left", leaving, other);
  await put(leaving, "before");
  await leaving.evaluate(() => window.addEventListener("pageshow", ({ persisted }) => (window.persisted = persisted)));
  await leaving.goto(`${url}/lib/process.mjs`);
  await put(other, "meanwhile");
  await leaving.goBack({ waitUntil: "commit" });
  assert.equal(await leaving.evaluate(() => window.persisted), true, "the browser kept the page");
  await waitFor(leaving, "meanwhile");
  await put(leaving, "after");
  await waitFor(other, "after");
  await agree(leaving, other);
});

test("an incognito window keeps a database as long as it is open", async (t) => {
  const [browser, { url, close }] = [await launchIncognito(), await site()];
  t.after(async () => {
    await browser.close();
    await close();
  });
  const page = await tab(browser.context, url);
  await openIn("incognito", page);
  await put(page, "a");
  await page.reload();
  await page.waitForFunction(() => window.pluresdb !== undefined);
  await openIn("incognito", page);
  const other = await tab(browser.context, url);
  await openIn("incognito", other);
  await waitFor(other, "a");
  await put(other, "b");
  await waitFor(page, "b");
  assert.equal(await other.evaluate(async () => (await window.db.status()).storageError), null);
});

test("a clock that is set back while a database is open neither stops writes nor loses to what was written before", async (t) => {
  const tabs = await browserSite(t);
  const [page, other] = [await tabs.open({ here: true }), await tabs.open()];
  await openIn("clock", page, other);
  await put(page, "a", { n: 1, by: "before" });
  await waitFor(other, "a");
  await page.evaluate(() => {
    const { now } = Date;
    Date.now = () => now() - 86_400_000;
  });
  await patch(page, "a", { n: 2 });
  await agree(page, other);
  await patch(other, "a", { by: "other" });
  await agree(page, other);
  await patch(page, "a", { by: "page", n: 3 });
  await agree(page, other);
  assert.deepEqual(await other.evaluate(async () => (await window.db.get("a")).data), { n: 3, by: "page" });
  await page.reload();
  await page.waitForFunction(() => window.pluresdb !== undefined);
  await openIn("clock", page);
  assert.deepEqual(await page.evaluate(async () => (await window.db.get("a")).data), { n: 3, by: "page" });
});

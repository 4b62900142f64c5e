/* global window -- inside pages */

import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../lib/eventually.mjs";
import { browserSite } from "../lib/package-page.mjs";
import { relay } from "../lib/relay.mjs";

const space = "0123456789abcdef0123456789abcdef";

const open = (page, name, url) =>
  page.evaluate(
    async ([name, space, url]) => {
      window.db = await window.pluresdb.open(`idb://${name}`, { space });
      window.changes = [];
      window.db.onChange((change) => window.changes.push(change));
      if (url) window.session = window.db.sync(url);
    },
    [name, space, url],
  );

const settled = (page) => page.evaluate(() => window.session.settled());
const hash = (page) => page.evaluate(() => window.db.stateHash());
const put = (page, id) => page.evaluate((id) => window.db.put({ id, type: "Note", data: { id } }), id);

test("two databases meet at a relay, live, and are told what came", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const [one, two] = [await site.open(), await site.open()];
  await open(one, "one", url);
  await put(one, "a");
  await settled(one);
  await open(two, "two", url);
  await waitFor(two, "a");
  await put(two, "b");
  await waitFor(one, "b");
  await Promise.all([settled(one), settled(two)]);
  assert.equal(await hash(one), await hash(two));
  const changes = await one.evaluate(() => window.changes);
  assert.deepEqual(
    changes.map(({ origin, nodes }) => [origin, ...nodes]),
    [["local", "a"], ["sync", "b"]],
  );
  const status = await one.evaluate(() => window.session.status);
  assert.deepEqual(status, { state: "live", received: 1, sent: 1, behind: 0, ahead: 0, error: null });
});

test("work done while the relay was away goes there when it is back, and a reload asks for nothing twice", async (t) => {
  const [site, server] = [await browserSite(t), await relay(t)];
  const page = await site.open();
  await open(page, "away", server.url);
  await put(page, "before");
  await settled(page);
  await server.stop();
  await page.waitForFunction(() => window.session.status.state === "waiting");
  assert.match(await page.evaluate(() => window.session.status.error), /not connected to the relay/);
  await put(page, "meanwhile");
  await server.restart();
  await settled(page);
  const status = await page.evaluate(() => window.session.status);
  assert.equal(status.error, null);
  assert.equal(status.sent, 2);

  await page.reload();
  await page.waitForFunction(() => window.pluresdb !== undefined);
  await open(page, "away", server.url);
  await settled(page);
  const again = await page.evaluate(() => window.session.status);
  assert.deepEqual([again.received, again.sent], [0, 0]);
});

test("a sync that storage cannot begin is begun again", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const page = await site.open({ here: true });
  const told = await page.evaluate(async (url) => {
    const db = await window.pluresdb.open("idb://begin");
    const { transaction } = window.IDBDatabase.prototype;
    window.IDBDatabase.prototype.transaction = () => {
      throw new DOMException("for once", "UnknownError");
    };
    const session = db.sync(url);
    const told = [];
    session.onStatus(({ state, error }) => told.push([state, error !== null]));
    const failed = () => told.some(([, failed]) => failed);
    while (!failed()) await new Promise((resolve) => setTimeout(resolve, 10));
    window.IDBDatabase.prototype.transaction = transaction;
    await session.settled();
    return told;
  }, url);
  assert.deepEqual(told[1], ["waiting", true]);
  assert.deepEqual(told.at(-1), ["live", false]);
});

test("what came from the relay is durable before the cursor passes it", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const [one, two] = [await site.open(), await site.open({ here: true })];
  await open(one, "source", url);
  for (let n = 0; n < 20; n += 1) await put(one, `n${n}`);
  await settled(one);
  const order = await two.evaluate(
    async ([space, url]) => {
      const order = [];
      const { add, put } = window.IDBObjectStore.prototype;
      const note = (store, what) =>
        store.transaction.addEventListener("complete", () => {
          order.push(what);
        });
      window.IDBObjectStore.prototype.add = function (...parts) {
        note(this, "records");
        return add.apply(this, parts);
      };
      window.IDBObjectStore.prototype.put = function (...parts) {
        if (String(parts[1]).startsWith("cursor/")) note(this, "cursor");
        return put.apply(this, parts);
      };
      window.db = await window.pluresdb.open("idb://sink", { space });
      await window.db.sync(url).settled();
      return order;
    },
    [space, url],
  );
  assert.ok(order.includes("cursor"));
  assert.ok(order.includes("records"));
  assert.equal(order.lastIndexOf("records") < order.indexOf("cursor"), true, order.join(" "));
  const nodes = await two.evaluate(async () => {
    await window.db.close();
    window.db = await window.pluresdb.open("idb://sink");
    return (await window.db.list()).length;
  });
  assert.equal(nodes, 20);
});

test("what syncs is stored strictly before it leaves, whatever was asked for", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const page = await site.open({ here: true });
  const told = await page.evaluate(async (url) => {
    const seen = [];
    const { transaction } = window.IDBDatabase.prototype;
    window.IDBDatabase.prototype.transaction = function (stores, ...parts) {
      const opened = transaction.call(this, stores, ...parts);
      if (opened.mode === "readwrite" && stores.includes("records")) seen.push(opened.durability);
      return opened;
    };
    const db = await window.pluresdb.open("idb://soft", { durability: "relaxed" });
    await db.put({ id: "a", type: "Note", data: {} });
    while ((await db.status()).unsaved > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const session = db.sync(url);
    await session.settled();
    await db.put({ id: "b", type: "Note", data: {} });
    await session.settled();
    return seen;
  }, url);
  assert.deepEqual(told, ["relaxed", "strict"]);
});

test("what waits to be stored relaxed when syncing begins is stored strictly", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const page = await site.open({ here: true });
  const told = await page.evaluate(async (url) => {
    const seen = [];
    const db = await window.pluresdb.open("idb://waiting", { durability: "relaxed" });
    const { transaction } = window.IDBDatabase.prototype;
    let holding = true;
    const { commit } = window.IDBTransaction.prototype;
    window.IDBTransaction.prototype.commit = function () {
      if (!holding) commit.call(this);
    };
    window.IDBDatabase.prototype.transaction = function (stores, ...parts) {
      const opened = transaction.call(this, stores, ...parts);
      if (opened.mode === "readwrite" && stores.includes("records")) {
        seen.push(opened.durability);
        // A transaction goes on while it is asked.
        const hold = () => holding && (opened.objectStore("records").count().onsuccess = hold);
        hold();
      }
      return opened;
    };
    const first = db.put({ id: "a", type: "Note", data: {} });
    const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
    await pause();
    const second = db.put({ id: "b", type: "Note", data: {} });
    await pause();
    const session = db.sync(url);
    await pause();
    holding = false;
    await Promise.all([first, second]);
    await session.settled();
    return seen;
  }, url);
  assert.deepEqual(told, ["relaxed", "strict"]);
});

test("what another tab stored relaxed is made durable before it is taken in, also without its word", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const [one, two] = [await site.open({ here: true }), await site.open({ here: true })];
  await open(two, "silent", url);
  await settled(two);
  await one.evaluate(async () => {
    BroadcastChannel.prototype.postMessage = () => undefined;
    const db = await window.pluresdb.open("idb://silent", { durability: "relaxed" });
    await db.put({ id: "theirs", type: "Note", data: {} });
    while ((await db.status()).unsaved > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  });
  const hardened = await two.evaluate(async () => {
    let hardened = 0;
    const { put } = window.IDBObjectStore.prototype;
    window.IDBObjectStore.prototype.put = function (value, key) {
      if (key === "hardened") this.transaction.addEventListener("complete", () => (hardened += 1));
      return put.call(this, value, key);
    };
    const taken = new Promise((resolve) =>
      window.db.onChange(({ nodes }) => nodes.includes("theirs") && resolve(hardened)));
    await window.db.put({ id: "own", type: "Note", data: {} });
    return taken;
  });
  assert.ok(hardened > 0);
});

test("a record that storage refuses does not leave the device", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const [one, two] = [await site.open({ here: true }), await site.open()];
  await open(one, "refused", url);
  await settled(one);
  await open(two, "watcher", url);
  await settled(two);
  const code = await one.evaluate(async () => {
    const { add } = window.IDBObjectStore.prototype;
    window.IDBObjectStore.prototype.add = function () {
      throw new DOMException("no", "UnknownError");
    };
    window.heal = () => (window.IDBObjectStore.prototype.add = add);
    return window.db.put({ id: "late", type: "Note", data: {} }).catch((error) => error.code);
  });
  assert.equal(code, "storage");
  await two.waitForTimeout(500);
  assert.equal(await two.evaluate(() => window.db.get("late")), null);
  await one.evaluate(() => void window.heal());
  await waitFor(two, "late");
});

test("two tabs of one database sync without a fork, and a stopped session says so", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const [one, two, other] = [await site.open(), await site.open(), await site.open()];
  await open(one, "shared", url);
  await open(two, "shared", url);
  await open(other, "other", url);
  await Promise.all(
    [one, two].map((page, at) =>
      page.evaluate(async (at) => {
        for (let n = 0; n < 25; n += 1) await window.db.put({ id: `${at}-${n}`, type: "Note", data: {} });
      }, at),
    ),
  );
  await Promise.all([settled(one), settled(two)]);
  await waitFor(other, "0-24");
  await waitFor(other, "1-24");
  await settled(other);
  assert.equal((await other.evaluate(() => window.db.status())).records, 50);
  assert.equal(await hash(other), await hash(one));
  assert.equal(await hash(other), await hash(two));

  const code = await other.evaluate(async () => {
    window.session.stop();
    return [window.session.status.state, await window.session.settled().catch((error) => error.code)];
  });
  assert.deepEqual(code, ["stopped", "stopped"]);
});

/* global window, document -- inside pages */

// The engine in a worker of the page: the same as on the page's own thread, and that where there can be none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { browserSite, everythingAt, site, tab } from "../lib/package-page.mjs";
import { launch } from "../lib/chromium.mjs";

for (const scheme of ["memory://", "idb://parity"]) {
  test(`${scheme} in a worker does what it does on the page`, async (t) => {
    const tabs = await browserSite(t);
    const [here, there] = [await tabs.open({ here: true }), await tabs.open()];
    const expected = await everythingAt(here, scheme === "memory://" ? scheme : `${scheme}-here`);
    const found = await everythingAt(there, scheme);
    assert.equal(here.workers().length, 0);
    assert.deepEqual(found, expected);
    assert.ok(expected.length > 25);
    assert.deepEqual(expected.filter(([, value]) => value === "did not fail"), []);
  });
}

test("a page goes on while its worker is at work, and the worker ends with its last database", async (t) => {
  const page = await (await browserSite(t)).open();
  const order = await page.evaluate(async () => {
    const [db, other] = await Promise.all([window.pluresdb.open("memory://"), window.pluresdb.open("memory://")]);
    window.databases = [db, other];
    const order = [];
    const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
    const query = db.query(endless, [], { timeMs: 300 }).catch(({ code }) => order.push(code));
    await new Promise((resolve) => setTimeout(resolve, 0));
    order.push("the page");
    await query;
    return [...order, (await db.status()).worker];
  });
  assert.deepEqual(order, ["the page", "sql-time-limit", true]);
  assert.equal(page.workers().length, 1);
  await page.evaluate(() => window.databases[0].close());
  assert.equal(page.workers().length, 1);
  assert.equal(await page.evaluate(async () => (await window.databases[1].status()).nodes), 0);
  const gone = page.workers()[0].waitForEvent("close");
  await page.evaluate(() => window.databases[1].close());
  await gone;
  assert.equal(page.workers().length, 0);
});

test("what is handed over may come from another frame", async (t) => {
  const page = await (await browserSite(t)).open();
  const answer = await page.evaluate(async () => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    const embedder = { model: "m", dimension: 2, embed: async (texts) => texts.map(() => [1, 0]) };
    const options = Object.assign(new frame.contentWindow.Object(), { mode: "meaning", embedder, type: "V" });
    const db = await window.pluresdb.open("memory://");
    await db.defineType({ name: "V", fields: { text: { type: "string" }, v: { kind: "vector", dimension: 2, embed_from: ["text"] } } });
    await db.put({ id: "v", type: "V", data: { text: "words" } });
    await db.embed(embedder);
    return (await db.search("words", options)).map(({ node }) => node.id);
  });
  assert.deepEqual(answer, ["v"]);
});

test("what is under way when the last database is closed fails", async (t) => {
  const page = await (await browserSite(t)).open();
  const codes = await page.evaluate(async () => {
    const db = await window.pluresdb.open("memory://");
    const code = (promise) => promise.then(() => "did not fail", (error) => error.code);
    async function* endless() {
      for (let n = 0; ; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield `${JSON.stringify({ id: `i${n}`, type: "I", data: {} })}\n`;
      }
    }
    const rows = db.rows("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n");
    await rows.next();
    const imported = code(db.importJsonl(endless()));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await db.close();
    const rest = (async () => {
      for await (const row of rows) if (row.i < 0) return;
    })();
    const late = new Promise((resolve) => setTimeout(resolve, 1000, "hangs"));
    return Promise.all([imported, code(rest)].map((each) => Promise.race([each, late])));
  });
  assert.deepEqual(codes, ["closed", "closed"]);
});

test("a sync ends with its database, and tells so", async (t) => {
  const page = await (await browserSite(t)).open();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const states = await page.evaluate(async () => {
    const [db, other] = await Promise.all([window.pluresdb.open("memory://"), window.pluresdb.open("memory://")]);
    const states = [];
    db.sync("ws://127.0.0.1:9/v1/sync").onStatus(({ state }) => states.push(state));
    await db.status();
    await db.close();
    await other.status();
    return states;
  });
  assert.equal(states.at(-1), "stopped");
  assert.deepEqual(errors, []);
});

test("where no worker can be started the page's thread does it, and the status says why", async (t) => {
  const { url, close } = await site({}, { headers: { "content-security-policy": "worker-src 'none'" } });
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    await close();
  });
  const page = await tab(browser.context, url);
  const [status, error] = await page.evaluate(async () => {
    const db = await window.pluresdb.open("idb://fallback");
    await db.put({ id: "a", type: "T", data: {} });
    const insisted = await window.pluresdb.open("memory://", { worker: true }).catch((error) => error);
    return [await db.status(), [insisted.code, insisted.hint]];
  });
  assert.equal(status.worker, false);
  assert.equal(status.nodes, 1);
  assert.match(status.workerError, /could not be started/);
  assert.equal(error[0], "no-worker");
  assert.match(error[1], /worker-src/);
});

test("a service worker has databases too, and shares them with its pages", async (t) => {
  const script = `
    import { open } from "/pluresdb/index.js";
    onfetch = (event) => {
      if (!event.request.url.endsWith("/notes")) return;
      event.respondWith((async () => {
        const db = await open("idb://shared");
        await db.put({ id: "from the service worker", type: "Note", data: {} });
        const { worker } = await db.status();
        const ids = (await db.list()).map(({ id }) => id);
        await db.close();
        return Response.json({ ids, worker });
      })().catch((error) => Response.json({ failed: String(error) })));
    };
    oninstall = () => skipWaiting();
    onactivate = (event) => event.waitUntil(clients.claim());
  `;
  const page = await (await browserSite(t, { content: { "/service.js": script } })).open();
  const { answer, own } = await page.evaluate(async () => {
    const db = await window.pluresdb.open("idb://shared");
    await db.put({ id: "from the page", type: "Note", data: {} });
    await navigator.serviceWorker.register("/service.js", { type: "module" });
    if (navigator.serviceWorker.controller === null) {
      await new Promise((resolve) => (navigator.serviceWorker.oncontrollerchange = resolve));
    }
    const answer = await (await fetch("/notes")).json();
    for (let tries = 0; tries < 100 && (await db.list()).length < 2; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { answer, own: (await db.list()).map(({ id }) => id) };
  });
  const both = ["from the page", "from the service worker"];
  assert.deepEqual(answer, { ids: both, worker: false });
  assert.deepEqual(own, both);
});

/* global window, document, Worker -- inside pages */

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

test("a database opened just as the last one closes has a worker that goes on", async (t) => {
  const page = await (await browserSite(t)).open();
  const found = await page.evaluate(async () => {
    const { open } = window.pluresdb;
    let heard = () => undefined;
    // What a worker says is heard a moment later again, once the package has begun to act on it.
    window.Worker = class extends Worker {
      set onmessage(listener) {
        super.onmessage = (event) => {
          listener(event);
          heard();
        };
      }
    };
    const found = [];
    for (let steps = 0; steps < 5; steps += 1) {
      const first = await open("memory://");
      const closing = first.close();
      const opened = new Promise((resolve) => {
        heard = async () => {
          heard = () => undefined;
          for (let step = 0; step < steps; step += 1) await undefined;
          resolve(open("memory://").catch(({ code }) => code));
        };
      });
      await closing;
      const next = await opened;
      found.push(typeof next === "string" ? next : (await next.status().catch(({ code }) => ({ worker: code }))).worker);
      if (typeof next !== "string") await next.close().catch(() => undefined);
    }
    return found;
  });
  assert.deepEqual(found, Array(5).fill(true));
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

/** Opens a database and begins all that lasts; what each is told comes into `window.told`. */
async function begun() {
  const db = await window.pluresdb.open("idb://begun");
  await db.put({ id: "a", type: "T", data: {} });
  const told = { live: [], answers: [], syncs: [], embedding: [] };
  const stops = new AbortController();
  // Never ends by itself.
  const code = db.importJsonl(new ReadableStream(), { signal: stops.signal }).catch((error) => [error.code, error.hint]);
  db.live("SELECT id FROM T", undefined, ({ rows, error }) => told.live.push(error?.code ?? rows.length));
  db.liveAnswer((it) => it.get("a"), ({ error }) => told.answers.push(error?.code ?? "answer"));
  db.sync("ws://127.0.0.1:9/v1/sync").onStatus(({ state, error }) => told.syncs.push([state, error]));
  const embedder = { model: "m", dimension: 2, embed: async (texts) => texts.map(() => [1, 0]) };
  db.keepEmbedded(embedder, { onError: ({ code }) => told.embedding.push(code) });
  await db.status();
  Object.assign(window, { db, told, code });
}

/** What a page with a worker that has ended sees, and goes on with. */
async function over() {
  const { db, told } = window;
  const hanging = new Promise((resolve) => setTimeout(resolve, 3000, "hangs"));
  const waited = await Promise.race([window.code, hanging]);
  const called = await db.status().catch(({ code }) => code);
  await db.close();
  const next = await window.pluresdb.open("idb://begun");
  const found = [(await next.status()).worker, (await next.get("a"))?.id];
  await next.close();
  return { waited, called, found, told: [told.live.at(-1), told.answers.at(-1), told.syncs.at(-1), told.embedding] };
}

const ended = "worker-ended";

test("a worker that ends fails all that waits for it, and a new one is started", async (t) => {
  const page = await (await browserSite(t)).open();
  await page.evaluate(begun);
  await page.workers()[0].evaluate(() => setTimeout(() => globalThis.close(), 0));
  const { waited, called, found, told } = await page.evaluate(over);
  assert.deepEqual([waited[0], called], [ended, ended]);
  assert.match(waited[1], /Open the database again/);
  const sync = told.splice(2, 1)[0];
  assert.deepEqual(told, [ended, ended, [ended]]);
  assert.equal(sync[0], "stopped");
  assert.match(sync[1], /worker of the database has ended/);
  assert.deepEqual(found, [true, "a"]);
});

test("a message that cannot be read ends the worker: an answer may have been in it", async (t) => {
  const tabs = await browserSite(t);
  for (const end of ["page", "worker"]) {
    const page = await tabs.open();
    await page.evaluate(() => {
      window.Worker = class extends Worker {
        constructor(...args) {
          super(...args);
          window.made = this;
        }
      };
    });
    await page.evaluate(begun);
    // No message of the package's own is like this, and a browser makes one in want of memory only.
    if (end === "page") await page.evaluate(() => window.made.dispatchEvent(new MessageEvent("messageerror")));
    else await page.workers()[0].evaluate(() => void globalThis.dispatchEvent(new MessageEvent("messageerror")));
    const { waited, called, found } = await page.evaluate(over);
    assert.deepEqual([waited[0], called, found], [ended, ended, [true, "a"]], end);
  }
});

test("an exception that nobody catches in the worker is not its end", async (t) => {
  const page = await (await browserSite(t)).open();
  const thrown = page.waitForEvent("pageerror").catch(() => undefined);
  await page.evaluate(begun);
  await page.workers()[0].evaluate(() => setTimeout(() => { throw new Error("mine"); }, 0));
  await Promise.race([thrown, page.waitForTimeout(500)]);
  assert.equal(await page.evaluate(async () => (await window.db.status()).nodes), 1);
});

test("a worker that does not answer is not waited for", async (t) => {
  const page = await (await browserSite(t, { content: { "/pluresdb/worker.js": "// Starts, and says nothing." } })).open();
  await page.clock.install();
  await page.evaluate(() => {
    const { open } = window.pluresdb;
    window.opened = Promise.all([
      open("memory://").then((db) => db.status()),
      open("memory://", { worker: true }).catch(({ code }) => code),
    ]);
  });
  await page.clock.fastForward(20_000);
  const [status, insisted] = await page.evaluate(() => window.opened);
  assert.equal(status.worker, false);
  assert.match(status.workerError, /did not answer within 20 seconds/);
  assert.equal(insisted, "no-worker");
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

test("a response that holds the module is good for every database, and a failed one says so", async (t) => {
  const page = await (await browserSite(t)).open();
  const found = await page.evaluate(async () => {
    const { open } = window.pluresdb;
    const module = "/pluresdb/pluresdb_wasm_bg.wasm";
    const opened = async (worker, wasm) => {
      const db = await open("memory://", { worker, wasm }).catch(({ code }) => ({ code }));
      if (db.code) return db.code;
      const status = await db.status();
      await db.close();
      return status.worker;
    };
    const failed = [await opened(true, Promise.reject(new Error("offline"))), await opened(false, Promise.reject(new Error("offline")))];
    const found = [];
    for (const wasm of [await fetch(module), fetch(module)]) {
      // The worker ends in between, and the next one needs the module again.
      for (const worker of [false, true, true]) found.push(await opened(worker, wasm));
    }
    return [failed, found];
  });
  assert.deepEqual(found, [["no-module", "no-module"], [false, true, true, false, true, true]]);
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

/* global window -- inside pages */

import assert from "node:assert/strict";
import { test } from "node:test";
import { browserSite } from "../lib/package-page.mjs";

const NODES = 20_000;

function* lines() {
  for (let n = 0; n < NODES; n += 1) {
    const data = { title: `Node ${n}`, text: `The quick brown fox number ${n * 7919} jumps.`, n };
    yield `${JSON.stringify({ id: `n${n}`, type: "Generated", data })}\n`;
    if (n > 0) yield `${JSON.stringify({ source: `n${n}`, label: "after", target: `n${n - 1}` })}\n`;
  }
}

const content = { "/lines.jsonl": [...lines()].join("") };

/** Imports in the page; gives the progress seen and the longest time without a timer. */
const run = (page, { abortAfter } = {}) =>
  page.evaluate(async (abortAfter) => {
    const text = await (await fetch("/lines.jsonl")).text();
    const db = await window.pluresdb.open("idb://import");
    window.db = db;
    let longest = 0;
    let last = performance.now();
    const look = () => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    };
    const timer = setInterval(look, 0);
    const stop = new AbortController();
    const progress = [];
    const begun = performance.now();
    const result = await db
      .importJsonl(text, {
        signal: stop.signal,
        onProgress: (seen) => {
          progress.push(seen);
          if (seen.nodes >= (abortAfter ?? Infinity)) stop.abort();
        },
      })
      .catch((error) => ({ error: error.name }));
    const took = performance.now() - begun;
    clearInterval(timer);
    return { result, progress, longest, took, status: await db.status() };
  }, abortAfter);

test("20,000 nodes are imported while the page stays responsive", async (t) => {
  const page = await (await browserSite(t, { content })).open();
  const { result, progress, longest, took, status } = await run(page);
  const total = content["/lines.jsonl"].length;
  assert.deepEqual(result, { done: total, total, nodes: NODES, edges: NODES - 1 });
  assert.equal(status.nodes, NODES);
  assert.equal(status.edges, NODES - 1);
  assert.equal(status.unsaved, 0);
  for (let at = 1; at < progress.length; at += 1) assert.ok(progress[at].done > progress[at - 1].done);
  t.diagnostic(`${Math.round(NODES / (took / 1000))} nodes a second, longest gap ${Math.round(longest)} ms`);
  // On a busy machine; alone it is a few tens of milliseconds.
  assert.ok(longest < 1000, `the page stood still for ${longest} ms`);
});

test("an aborted import stops at once and keeps what it wrote", async (t) => {
  const page = await (await browserSite(t, { content })).open();
  const { result, progress, status } = await run(page, { abortAfter: 2000 });
  assert.deepEqual(result, { error: "AbortError" });
  const last = progress.at(-1);
  assert.ok(last.nodes >= 2000 && last.nodes < NODES / 2);
  assert.equal(status.nodes, last.nodes);
  assert.equal(status.unsaved, 0);
});

test("an import whose source ends once its database is closed says so", async (t) => {
  const tabs = await browserSite(t);
  for (const here of [true, false]) {
    const page = await tabs.open({ here });
    const codes = await page.evaluate(async () => {
      // Another keeps the worker going.
      const other = await window.pluresdb.open("memory://");
      const codes = [];
      for (const lines of [[], ['{"id":"a","type":"T","data":{}}\n']]) {
        const db = await window.pluresdb.open(`idb://ends-${lines.length}`);
        let end;
        const ended = new Promise((resolve) => { end = resolve; });
        const source = async function* () {
          yield* lines;
          await ended;
        };
        const imported = db.importJsonl(source()).then(() => "did not fail", (error) => error.code ?? String(error));
        await db.status();
        await db.close();
        end();
        codes.push(await imported);
      }
      await other.close();
      return codes;
    });
    assert.deepEqual(codes, ["closed", "closed"], here ? "here" : "in a worker");
    await page.close();
  }
});

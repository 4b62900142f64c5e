// What the benchmark of a page draws and tells; the measuring itself needs the peers, which only the benchmark installs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { report } from "../../bench/browser/report.mjs";
import { peers } from "../../bench/browser/store/peers.mjs";
import { documents, idOf, questionOf } from "../../bench/browser/store/page/documents.js";
import { peers as libraries, workloads as told } from "../../bench/browser/text/figures.mjs";
import { workloads } from "../../bench/browser/text/page/workloads.js";

const machine = { processor: "P", processors: 2, before: 1, after: 2 };
const spread = (p50) => ({ p50, p95: p50, most: p50 });

test("documents are of about 300 bytes, of ids of their own, and a question finds what it says", () => {
  const count = 1_007;
  const all = documents(count);
  const bytes = all.reduce((sum, one) => sum + JSON.stringify(one).length, 0) / count;
  assert.ok(bytes > 270 && bytes < 330, `${bytes} bytes`);
  assert.equal(new Set(all.map(({ id }) => id)).size, count);
  for (const n of [0, 499, 1_000, 1_006]) {
    const { owner, priority, found } = questionOf(n, count);
    const answer = all.filter((one) => one.owner === owner && one.priority === priority);
    assert.equal(answer.length, found, `document ${n}`);
    assert.ok(answer.some(({ id }) => id === idOf(n)), `document ${n}`);
  }
});

test("each workload of texts edits what is there, and B4 is as long as the recorded one", () => {
  for (const [name, make] of Object.entries(workloads)) {
    const workload = make(name === "B4" ? 6_000 : 300);
    for (const edits of workload.both ?? [workload.edits ?? []]) {
      let length = workload.before?.length ?? 0;
      for (const { at, remove, insert } of edits) {
        assert.ok(at >= 0 && at + remove <= length, `${name}: ${remove} at ${at} of ${length}`);
        length += insert.length - remove;
      }
      if (name === "B4") assert.deepEqual([edits.length, length], [259_778, 104_852]);
    }
  }
  assert.deepEqual(told.map(({ key }) => key), Object.keys(workloads));
});

test("a report tells goals, what a peer cannot do, what took too long, and why something failed", () => {
  const found = Object.fromEntries(peers.map(({ key }) => [key, { strict: spread(2), query: spread(0.5) }]));
  found.pluresdb = { ...found.pluresdb, strict: spread(3), load: spread(4) };
  found.dexie.load = { failed: "> 60 s" };
  found.rxdb.load = { failed: "Error: no room" };
  const text = report(machine, "V.", { store: { count: 100_000, found } });
  assert.match(text, /strict put \| <= 1.3x IndexedDB \| PluresDB \| 3.00 \| 2.00 \| 1.50x \| MISSED/);
  assert.match(text, /load of all documents until durable \| <= 5 s \| PluresDB \| 4.00 \| - \| {2}\| ok/);
  assert.match(text, /reopen .* \| not measured/);
  assert.match(text, /\| Dexie \|.*\| > 60 s \|/);
  assert.match(text, /\| RxDB, Dexie storage \|.*\| failed \|/);
  assert.match(text, /Failed: RxDB, Dexie storage: Error: no room\./);
  assert.match(text, /\| Yjs, y-indexeddb \(relaxed\) \|/);
});

test("a report of texts judges B4 by the time of Yjs, and a workload that failed as missed", () => {
  const one = (apply) => ({ apply, load: 1, key: 1, bytes: 1 });
  const all = (of) => Object.fromEntries(told.map(({ key }) => [key, of]));
  const by = (apply) => Object.fromEntries(libraries.map(({ key }) => [key, key === "pluresdb" ? apply : one(10)]));
  const tell = (apply) => report(machine, "V.", { text: { count: 6_000, found: all(by(apply)) } });
  assert.match(tell(one(20)), /apply <= 2x Yjs: ok \| PluresDB \| 20.0 \(2.00x\)/);
  assert.match(tell(one(21)), /apply <= 2x Yjs: MISSED/);
  assert.match(tell({ failed: "> 60 s" }), /apply <= 2x Yjs: MISSED \| PluresDB \| > 60 s/);
  assert.match(tell({ failed: "> 60 s" }), /Goals missed: B4/);
});

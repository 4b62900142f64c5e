/**
 * Keeping things in a page: PluresDB in its worker, IndexedDB itself, and Dexie over it, each with strict durability, so
 * that what is awaited is on the disk for all of them.
 */

import { spread } from "../../lib/spread.mjs";

const peers = [
  ["PluresDB", pluresdb],
  ["IndexedDB", indexeddb],
  ["Dexie", dexie],
];

const figures = [
  ["one", "a write that is awaited", "ms"],
  ["together", "writes awaited together, each", "ms"],
  ["bulk", "a transaction of many writes, each", "ms"],
  ["get", "a read by id", "ms"],
  ["gap", "longest time without a frame in the bulk", "ms"],
];

export async function measure(site, setting) {
  const size = { one: setting.size(200, 5), together: setting.size(1_000, 20), bulk: setting.size(2_000, 50), get: setting.size(1_000, 20), rounds: setting.size(5, 1) };
  const found = [];
  for (const [name, work] of peers) {
    const page = `(${run})((${work}), ${JSON.stringify(size)})`;
    found.push([name, await site.run(page)]);
  }
  return figures.map(([key, figure, unit]) => ({
    figure,
    unit,
    spreads: found.map(([name, times]) => [name, spread(times[key])]),
  }));
}

/* What follows runs inside pages. */
/* global window, indexedDB, requestAnimationFrame */

/** The same work for each: `peer` gives how it writes and reads. */
async function run(peer, size) {
  const { put, bulk, get } = await peer();
  const node = (n) => ({ id: `task-${n}`, title: `Task number ${n}`, owner: `owner-${n % 100}`, rank: n, done: false });
  const times = { one: [], together: [], bulk: [], get: [], gap: [] };
  const timed = async (list, count, work) => {
    const begun = performance.now();
    await work();
    list.push((performance.now() - begun) / count);
  };
  for (let n = 0; n < size.one; n += 1) await timed(times.one, 1, () => put(node(n)));
  for (let round = 0; round < size.rounds; round += 1) {
    const first = 1_000_000 * (round + 1);
    const some = Array.from({ length: size.together }, (_, n) => node(first + n));
    await timed(times.together, size.together, () => Promise.all(some.map(put)));
    const many = Array.from({ length: size.bulk }, (_, n) => node(first + 100_000 + n));
    let last = performance.now();
    let gap = 0;
    let going = true;
    const frame = (now) => {
      gap = Math.max(gap, now - last);
      last = now;
      if (going) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    await timed(times.bulk, size.bulk, () => bulk(many));
    await new Promise((resolve) => requestAnimationFrame(resolve));
    going = false;
    times.gap.push(gap);
  }
  for (let n = 0; n < size.get; n += 1) await timed(times.get, 1, () => get(`task-${(n * 7919) % size.one}`));
  return times;
}

async function pluresdb() {
  const db = await window.pluresdb.open("idb://bench", { textIndex: false });
  return {
    put: ({ id, ...data }) => db.put({ id, type: "Task", data }),
    bulk: (nodes) => db.transaction((tx) => {
      for (const { id, ...data } of nodes) tx.put({ id, type: "Task", data });
    }),
    get: (id) => db.get(id),
  };
}

async function indexeddb() {
  const opening = indexedDB.open("bench", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("tasks", { keyPath: "id" }).createIndex("owner", "owner");
  const db = await new Promise((resolve) => (opening.onsuccess = () => resolve(opening.result)));
  const write = (nodes) => new Promise((resolve, reject) => {
    const transaction = db.transaction("tasks", "readwrite", { durability: "strict" });
    const store = transaction.objectStore("tasks");
    for (const node of nodes) store.put(node);
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  return {
    put: (node) => write([node]),
    bulk: write,
    get: (id) => new Promise((resolve) => {
      const asking = db.transaction("tasks").objectStore("tasks").get(id);
      asking.onsuccess = () => resolve(asking.result);
    }),
  };
}

async function dexie() {
  const { Dexie } = await import("/peers/dexie/dist/modern/dexie.mjs");
  const db = new Dexie("bench", { chromeTransactionDurability: "strict" });
  db.version(1).stores({ tasks: "id, owner" });
  return {
    put: (node) => db.tasks.put(node),
    bulk: (nodes) => db.tasks.bulkPut(nodes),
    get: (id) => db.tasks.get(id),
  };
}

/**
 * Live queries in a page: many subscriptions of the form `owner = ?` over many tasks. One commit at a time
 * changes a title; what counts is the time from the call that writes to the callback of the one subscription that it is for.
 * All are in memory, so that nothing waits for a disk; Dexie has IndexedDB alone. TanStack DB keeps objects of the page, in a
 * local-only collection with an index.
 */

import { spread, told } from "../../lib/spread.mjs";

const peers = [
  ["PluresDB", pluresdb],
  ["Dexie liveQuery", dexie],
  ["PGlite live.changes", pglite],
  ["TanStack DB", tanstack],
];

export async function measure(site, setting) {
  const size = {
    tasks: setting.size(100_000, 2_000),
    subscriptions: setting.size(1_000, 20),
    commits: setting.size(200, 10),
    // A peer that is not ready by then goes on with the subscriptions that it has.
    patience: setting.patience,
  };
  const spreads = [];
  const first = [];
  for (const [name, work] of peers) {
    const { times, subscribed, subscribing } = await site.run(work, size);
    first.push([name, told(subscribed === size.subscriptions ? [subscribing] : null, size.patience)]);
    const shown = subscribed === size.subscriptions ? name : `${name} (${subscribed} subscriptions)`;
    spreads.push([shown, spread(times)]);
  }
  const figure = `write to callback, ${size.subscriptions} subscriptions`;
  return [
    { figure: `first rows of ${size.subscriptions} subscriptions`, unit: "ms", spreads: first },
    { figure, unit: "ms", goal: { middle: 1 }, spreads },
  ];
}

/* What follows runs inside pages, each function for itself. */
/* global window */

async function pluresdb({ tasks, subscriptions, commits }) {
  const db = await window.pluresdb.open("memory://", { textIndex: false });
  await db.defineType({ name: "Task", fields: { owner: { type: "string", indexed: true } } });
  async function* lines() {
    for (let n = 0; n < tasks; n += 1) {
      const data = { title: `Task number ${n}`, owner: `owner-${n % subscriptions}`, rank: n };
      yield `${JSON.stringify({ id: `task-${n}`, type: "Task", data })}\n`;
    }
  }
  await db.importJsonl(lines());
  let heard;
  const start = performance.now();
  for (let n = 0; n < subscriptions; n += 1) {
    db.live("SELECT id, title FROM Task WHERE owner = ?1", [`owner-${n}`], () => heard?.());
  }
  // The engine is in a worker: its answer comes behind the first rows of each subscription.
  await db.status();
  const subscribing = performance.now() - start;
  const times = [];
  for (let n = 0; n < commits; n += 1) {
    const told = new Promise((resolve) => (heard = resolve));
    const begun = performance.now();
    void db.patch(`task-${(n * 7919) % tasks}`, { title: `Another title ${n}` });
    await told;
    times.push(performance.now() - begun);
  }
  return { times, subscribed: subscriptions, subscribing };
}

async function dexie({ tasks, subscriptions, commits, patience }) {
  const { Dexie, liveQuery } = await import("/peers/dexie/dist/modern/dexie.mjs");
  const db = new Dexie("live");
  db.version(1).stores({ tasks: "id, owner" });
  for (let n = 0; n < tasks; n += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, tasks - n) }, (_, at) => ({
      id: `task-${n + at}`,
      title: `Task number ${n + at}`,
      owner: `owner-${(n + at) % subscriptions}`,
      rank: n + at,
    }));
    await db.tasks.bulkPut(rows);
  }
  let heard;
  const start = performance.now();
  const until = start + patience;
  let subscribed = 0;
  while (subscribed < subscriptions && performance.now() < until) {
    const owner = `owner-${subscribed}`;
    const live = liveQuery(() => db.tasks.where("owner").equals(owner).toArray());
    await new Promise((resolve) => {
      live.subscribe(() => {
        resolve();
        heard?.();
      });
    });
    subscribed += 1;
  }
  const subscribing = performance.now() - start;
  const times = [];
  for (let n = 0; n < commits; n += 1) {
    const told = new Promise((resolve) => (heard = resolve));
    const at = (n * 7919) % tasks;
    const task = `task-${at - (at % subscriptions) + (at % subscribed)}`;
    const begun = performance.now();
    void db.tasks.update(task, { title: `Another title ${n}` });
    await told;
    times.push(performance.now() - begun);
  }
  return { times, subscribed, subscribing };
}

async function pglite({ tasks, subscriptions, commits, patience }) {
  const { PGlite } = await import("/peers/@electric-sql/pglite/dist/index.js");
  const { live } = await import("/peers/@electric-sql/pglite/dist/live/index.js");
  const db = await PGlite.create({ extensions: { live } });
  await db.exec("CREATE TABLE task (id text PRIMARY KEY, title text, owner text, rank int)");
  await db.query(
    `INSERT INTO task SELECT 'task-' || n, 'Task number ' || n, 'owner-' || n % $1::int, n
     FROM generate_series(0, $2::int - 1) AS n`,
    [subscriptions, tasks],
  );
  await db.exec("CREATE INDEX task_owner ON task (owner); ANALYZE task");
  let heard;
  const start = performance.now();
  const until = start + patience;
  let subscribed = 0;
  while (subscribed < subscriptions && performance.now() < until) {
    await db.live.changes({
      query: "SELECT id, title FROM task WHERE owner = $1",
      params: [`owner-${subscribed}`],
      key: "id",
      callback: (changes) => {
        if (changes.length > 0) heard?.();
      },
    });
    subscribed += 1;
  }
  const subscribing = performance.now() - start;
  const times = [];
  // A write takes it many seconds.
  const end = performance.now() + patience / 3;
  for (let n = 0; n < commits && performance.now() < end; n += 1) {
    const told = new Promise((resolve) => (heard = resolve));
    const at = (n * 7919) % tasks;
    const task = `task-${at - (at % subscriptions) + (at % subscribed)}`;
    const begun = performance.now();
    void db.query("UPDATE task SET title = $1 WHERE id = $2", [`Another title ${n}`, task]);
    await told;
    times.push(performance.now() - begun);
    // Others run their statements too, before the next write is measured.
    await db.query("SELECT 1");
  }
  return { times, subscribed, subscribing };
}

async function tanstack({ tasks, subscriptions, commits, patience }) {
  const { BTreeIndex, createCollection, createLiveQueryCollection, eq, localOnlyCollectionOptions } = await import("/bundles/tanstack-db.js");
  const initialData = Array.from({ length: tasks }, (_, n) => ({
    id: `task-${n}`,
    title: `Task number ${n}`,
    owner: `owner-${n % subscriptions}`,
    rank: n,
  }));
  const collection = createCollection(localOnlyCollectionOptions({ id: "tasks", getKey: ({ id }) => id, initialData }));
  await collection.preload();
  collection.createIndex(({ owner }) => owner, { indexType: BTreeIndex });
  let heard;
  const start = performance.now();
  const until = start + patience;
  let subscribed = 0;
  while (subscribed < subscriptions && performance.now() < until) {
    const owner = `owner-${subscribed}`;
    const live = createLiveQueryCollection((query) =>
      query.from({ task: collection }).where(({ task }) => eq(task.owner, owner)).select(({ task }) => ({ id: task.id, title: task.title })));
    await live.preload();
    if (live.size !== tasks / subscriptions) throw new Error(`TanStack DB found ${live.size} tasks of ${owner}`);
    live.subscribeChanges(() => heard?.());
    subscribed += 1;
  }
  const subscribing = performance.now() - start;
  const times = [];
  for (let n = 0; n < commits; n += 1) {
    const told = new Promise((resolve) => (heard = resolve));
    const at = (n * 7919) % tasks;
    const begun = performance.now();
    const written = collection.update(`task-${at - (at % subscriptions) + (at % subscribed)}`, (task) => {
      task.title = `Another title ${n}`;
    });
    await told;
    times.push(performance.now() - begun);
    // It tells of a write once more when it is no longer taken back.
    heard = undefined;
    await written.isPersisted.promise;
  }
  return { times, subscribed, subscribing };
}

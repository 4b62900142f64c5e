/**
 * Runs a workload on a peer: a module that exports
 *
 *   create(before)     a new text; gives
 *     edit(edits)      does these in one transaction, or in as few as it can
 *     merge(updates)   takes in what others wrote
 *     update()         all that is in it, for others
 *     text()           what it says
 *     save()           what is stored of it
 *   sizeOf(saved)      bytes of that which are of the text
 *   load(saved)        opens what was stored; gives what it says
 *   createOther      the text of the second of two who write, where it is another's
 *   updateOf(n)        what a client writes that inserts its number n at the beginning of an empty text
 */

import { workloads } from "./workloads.js";

/** Keystrokes that are timed together: clocks of pages are coarse. */
const KEYS = 20;

async function timed(work) {
  const begun = performance.now();
  const answer = await work();
  return [performance.now() - begun, answer];
}

const result = (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove);

/** Milliseconds of applying and of loading, bytes, and milliseconds of one more keystroke in what there is then. */
export async function run(peer, name, count) {
  const workload = workloads[name](count);
  const [apply, document] = workload.both ? await both(peer, workload)
    : workload.clients ? await many(peer, workload)
      : await alone(peer, workload);
  const text = await document.text();
  const saved = await document.save();
  const [load, loaded] = await timed(() => peer.load(saved));
  if (loaded !== text) throw new Error("loaded another text than was stored");
  const middle = Math.floor(text.length / 2);
  const [typing] = await timed(async () => {
    for (let n = 0; n < KEYS; n += 1) await document.edit([{ at: middle + n, remove: 0, insert: "x" }]);
  });
  return { apply, load, bytes: peer.sizeOf(saved), key: typing / KEYS };
}

async function alone(peer, { edits, together }) {
  const document = await peer.create("");
  const [time] = await timed(async () => {
    if (together) await document.edit(edits);
    else for (const edit of edits) await document.edit([edit]);
  });
  // A long text is compared by its length: what it says took seconds to tell again.
  const text = await document.text();
  const length = edits.reduce((length, { remove, insert }) => length - remove + insert.length, 0);
  if (text.length !== length || (!together && text !== edits.reduce(result, ""))) throw new Error("another text than was written");
  return [time, document];
}

async function both(peer, { before, both: [left, right] }) {
  const one = await peer.create(before);
  const other = await (peer.createOther ?? peer.create)("");
  await other.merge([await one.update()]);
  const [time] = await timed(async () => {
    await one.edit(left);
    await other.edit(right);
    const updates = [await one.update(), await other.update()];
    await one.merge([updates[1]]);
    await other.merge([updates[0]]);
  });
  if ((await one.text()) !== (await other.text())) throw new Error("two texts that have seen the same differ");
  return [time, one];
}

async function many(peer, { clients }) {
  const document = await peer.create("");
  const updates = Array.from({ length: clients }, (_, n) => peer.updateOf(n));
  const [time] = await timed(() => document.merge(updates));
  const digits = updates.reduce((sum, _, n) => sum + String(n).length, 0);
  if ((await document.text()).length !== digits) throw new Error("not all that clients wrote is there");
  return [time, document];
}

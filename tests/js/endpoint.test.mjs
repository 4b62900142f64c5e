// The ends of a channel between a page and its worker: what crosses, in which order, and what cannot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { source } from "./lib/source.mjs";

const { Endpoint } = await source("worker/endpoint.ts");

const ROOT = 0;

/** Two ends, of which `there` has what the root of the one is given. */
function ends(t, root) {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  return { here: new Endpoint(port1), there: new Endpoint(port2, root) };
}

const turn = () => new Promise((resolve) => { setTimeout(resolve, 10); });

/** What nobody catches meanwhile. */
function uncaught(t) {
  const errors = [];
  // Before the test runner, which would count them as failures.
  process.setUncaughtExceptionCaptureCallback((error) => errors.push(error));
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  return errors;
}

test("what cannot be sent keeps nothing of the same turn back, and the order is kept", { timeout: 5000 }, async (t) => {
  const heard = [];
  const { here } = ends(t, {
    note: (value) => heard.push(value),
    call: (value) => { heard.push(value); return value; },
  });
  const thrown = uncaught(t);
  here.note(ROOT, "note", 1);
  const first = here.call(ROOT, "call", [2]);
  here.note(ROOT, "note", { never: () => undefined });
  const refused = here.call(ROOT, "call", [{ deep: { deeper: [Symbol("s")] } }]).catch(({ code, message }) => [code, message]);
  here.note(ROOT, "note", 3);
  const last = here.call(ROOT, "call", [4]);
  assert.deepEqual(await Promise.all([first, refused, last]), [2, ["bad-value", "deep.deeper.0: a symbol cannot be stored"], 4]);
  await turn();
  assert.deepEqual(heard, [1, 2, 3, 4]);
  // The note's sender has nobody to tell.
  assert.deepEqual(thrown.map(({ name }) => name), ["DataCloneError"]);
});

test("an answer that cannot be sent fails its call alone", { timeout: 5000 }, async (t) => {
  const { here } = ends(t, { good: () => 1, bad: () => () => undefined });
  const answers = [here.call(ROOT, "good", []), here.call(ROOT, "bad", []).catch(({ code }) => code), here.call(ROOT, "good", [])];
  assert.deepEqual(await Promise.all(answers), [1, "bad-value", 1]);
});

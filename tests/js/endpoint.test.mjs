// The ends of a channel between a page and its worker: what crosses, in which order, and what cannot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { source } from "./lib/source.mjs";

const { Endpoint, PluresError } = await source("worker/endpoint.ts", "errors.ts");

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

test("a listener is told an error as it is: its class, code and what breaks a type", { timeout: 5000 }, async (t) => {
  const { here } = ends(t, {
    tell: (listener) => {
      const cause = new TypeError("why");
      listener(new PluresError("embed-answer", "no vector", Object.assign(cause, { never: () => undefined }), [{ path: "a" }]), 7);
      listener(Object.assign(new RangeError("too much"), { code: "rate-limit" }));
      class Refused extends Error {
        name = "Refused";
      }
      listener(new Refused("no"));
    },
  });
  const told = [];
  const { answer, release } = here.keep(ROOT, "tell", [(...args) => told.push(args)]);
  await answer;
  await turn();
  release();
  const [[own, seven], [range], [refused]] = told;
  assert.ok(own instanceof PluresError);
  assert.deepEqual([own.code, own.message, own.violations, own.cause.message, seven], ["embed-answer", "no vector", [{ path: "a" }], "why", 7]);
  assert.ok(range instanceof RangeError);
  assert.deepEqual([range.code, range.message], ["rate-limit", "too much"]);
  assert.ok(refused instanceof Error);
  assert.deepEqual([refused.name, refused.message], ["Refused", "no"]);
});

test("what a function throws at the other end keeps its name and code", { timeout: 5000 }, async (t) => {
  class Refused extends Error {
    name = "Refused";
    code = "quota";
  }
  const { here } = ends(t, { ask: () => { throw new Refused("no"); } });
  const error = await here.call(ROOT, "ask", []).catch((thrown) => thrown);
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.code, error.message], ["Refused", "quota", "no"]);
});

/** Ends of which `there` reads a source to its end, or until it has seen enough; and how many messages it took. */
function reading(t, enough = Infinity) {
  const seen = [];
  const { here, there } = ends(t, {
    read: async (source) => {
      for await (const piece of source) {
        seen.push(piece);
        if (seen.length >= enough) break;
      }
      return seen.join("");
    },
  });
  return { here, there, seen };
}

test("many small pieces of a source cross together, in their order", { timeout: 20_000 }, async (t) => {
  const { here, seen } = reading(t);
  const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n} of a text\n`);
  async function* source() {
    yield* lines;
  }
  assert.equal(await here.call(ROOT, "read", [source()]), lines.join(""));
  assert.ok(seen.length < 200, `${seen.length} round trips`);
});

test("a source that is slow is not waited for to its end, and one that fails gives what it gave before", { timeout: 5000 }, async (t) => {
  const { here, seen } = reading(t);
  let fail;
  const failing = new Promise((_, reject) => { fail = reject; });
  async function* source() {
    yield "a";
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    yield "b";
    yield "c";
    await failing;
  }
  const read = here.call(ROOT, "read", [source()]).catch(({ message }) => message);
  await new Promise((resolve) => { setTimeout(resolve, 150); });
  assert.deepEqual(seen, ["ab"]);
  fail(new Error("network"));
  assert.equal(await read, "network");
  assert.equal(seen.join(""), "abc");
});

test("no more of a source is read than is asked for, and its end is told", { timeout: 20_000 }, async (t) => {
  const { here } = reading(t, 1);
  let given = 0;
  let ended = false;
  async function* source() {
    try {
      for (;;) {
        given += 1;
        yield "some text of a line\n".repeat(10);
      }
    } finally {
      ended = true;
    }
  }
  const text = await here.call(ROOT, "read", [source()]);
  await turn();
  assert.ok(text.length < 300_000 && given * 200 < text.length * 3, `${given} pieces, ${text.length} characters`);
  assert.ok(ended);
});

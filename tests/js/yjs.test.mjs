/**
 * Texts and lists against npm `yjs`: random edits by documents of Yjs and by databases, exchanged as updates and
 * as records of sync, end equal everywhere. A failing stream is run again with
 * `YJS_SEED=<seed> YJS_STREAMS=1`.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "pluresdb";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { pluresdb, start } from "./lib/process.mjs";

const streams = Number(process.env.YJS_STREAMS ?? 200);
const firstSeed = Number(process.env.YJS_SEED ?? Date.now() % 1_000_000_000);
const steps = 24;

let relay;

before(async () => {
  // Node has its own from version 22 on.
  globalThis.WebSocket ??= WebSocket;
  relay = await start(pluresdb, ["serve", "--listen", "127.0.0.1:0"], /http:\/\/(127\.0\.0\.1:\d+)\//);
});

after(() => relay?.stop());

test(`${streams} random streams of edits from seed ${firstSeed} end equal everywhere`, async (t) => {
  t.diagnostic(`seeds ${firstSeed} to ${firstSeed + streams - 1}`);
  let edits = 0;
  for (let seed = firstSeed; seed < firstSeed + streams; seed += 1) {
    try {
      edits += await stream(seed);
    } catch (error) {
      error.message = `YJS_SEED=${seed} YJS_STREAMS=1: ${error.message}`;
      throw error;
    }
  }
  t.diagnostic(`${edits} edits`);
  assert.ok(edits >= streams);
});

/** One stream: two databases of one space and a document of Yjs, for one text or list. Gives the number of edits. */
async function stream(seed) {
  const random = generator(seed);
  const kind = random(2) === 0 ? "text" : "list";
  const field = random(2) === 0 ? "field" : ["deep", "a.b"];
  const { space } = await open("memory://");
  const dbs = [await open("memory://", { space }), await open("memory://", { space })];
  const docs = [newDocument(random), newDocument(random)];
  try {
    return await exchange(dbs, docs, { kind, field, random });
  } finally {
    for (const db of dbs) await db.close();
    for (const doc of docs) doc.destroy();
  }
}

async function exchange(dbs, docs, { kind, field, random }) {
  const plain = kind === "text" ? words(random) : values(random);
  const data = random(2) === 0 ? {} : typeof field === "string" ? { field: plain } : { deep: { "a.b": plain } };
  await dbs[0].put({ id: "n", type: "Note", data });
  // A text or list for both from the beginning: a plain write by one who does not know it as such replaces.
  if (kind === "text") await dbs[0].editText("n", field, [{ at: 0, insert: words(random) }]);
  else await dbs[0].editList("n", field, [{ at: 0, insert: values(random) }]);
  const syncs = dbs.map((db) => db.sync(`ws://${relay.match[1]}/v1/sync`));
  await agree(dbs);

  // What a document has heard of the other database is refused until sync has brought it.
  const give = async (db, update) => {
    const apply = () => db.applyUpdate("n", field, kind, update);
    const error = await apply().catch((error) => error);
    if (error === undefined) return;
    assert.match(error.message, /who writes for another device; they come by sync/);
    await agree(dbs);
    await apply();
  };

  let edits = 0;
  for (let step = 0; step < steps; step += 1) {
    const db = dbs[random(2)];
    const doc = docs[random(2)];
    switch (random(8)) {
      case 0:
      case 1:
        await editDatabase(db, field, kind, random);
        edits += 1;
        break;
      case 2:
      case 3:
        editDocument(doc, kind, random);
        edits += 1;
        break;
      case 4:
        Y.applyUpdate(doc, await db.fieldUpdate("n", field, kind));
        break;
      case 5:
        await give(db, Y.encodeStateAsUpdate(doc));
        break;
      case 6:
        Y.applyUpdate(docs[0], Y.encodeStateAsUpdate(docs[1], Y.encodeStateVector(docs[0])));
        break;
      default:
        await syncs[random(2)].settled();
    }
  }

  for (const [at, doc] of docs.entries()) await give(dbs[at], Y.encodeStateAsUpdate(doc));
  await agree(dbs);
  const held = await Promise.all(dbs.map((db) => contentOf(db, field)));
  assert.deepEqual(held[1], held[0], "the databases differ");
  for (const doc of docs) {
    Y.applyUpdate(doc, await dbs[0].fieldUpdate("n", field, kind));
    const shown = kind === "text" ? doc.getText("value").toString() : doc.getArray("value").toJSON();
    assert.deepEqual(shown, held[0], "a document and the databases differ");
    assert.equal(doc.store.pendingStructs, null);
  }
  return edits;
}

/** Waits until both databases hold the same records. */
async function agree(dbs) {
  const end = Date.now() + 10_000;
  for (;;) {
    const [one, other] = await Promise.all(dbs.map((db) => db.stateHash()));
    if (one === other) return;
    assert.ok(Date.now() < end, "the databases do not agree");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function editDatabase(db, field, kind, random) {
  const content = (await contentOf(db, field)) ?? (kind === "text" ? "" : []);
  const { at, remove } = range(content, random);
  const insert = kind === "text" ? words(random) : values(random);
  if (kind === "text") {
    // Now and then as who knows of no edits does it.
    if (random(4) === 0) {
      const text = content.slice(0, at) + insert + content.slice(at + remove);
      await db.patch("n", typeof field === "string" ? { [field]: text } : { deep: { "a.b": text } });
    } else {
      await db.editText("n", field, [{ at, remove, insert }]);
    }
  } else {
    await db.editList("n", field, [{ at, remove, insert }]);
  }
}

function editDocument(doc, kind, random) {
  const type = kind === "text" ? doc.getText("value") : doc.getArray("value");
  const { at, remove } = range(kind === "text" ? type.toString() : type.toArray(), random);
  doc.transact(() => {
    if (remove > 0) type.delete(at, remove);
    type.insert(at, kind === "text" ? words(random) : values(random));
  });
}

/** A place and a length that cut no character in half. */
function range(content, random) {
  const half = (at) => typeof content === "string" && /[\udc00-\udfff]/.test(content[at] ?? "");
  let at = random(content.length + 1);
  if (half(at)) at -= 1;
  let end = Math.min(content.length, at + random(4));
  if (half(end)) end += 1;
  return { at, remove: end - at };
}

async function contentOf(db, field) {
  const { data } = await db.get("n");
  return typeof field === "string" ? data[field] : data[field[0]]?.[field[1]];
}

function newDocument(random) {
  const doc = new Y.Doc();
  // Drawn here, so that a seed says everything about a stream.
  doc.clientID = random(2 ** 32);
  return doc;
}

function words(random) {
  const pieces = ["a", "bc", " ", "é", "🦀", "👩‍👩‍👧", "\n", "日本", "\0", "x".repeat(40)];
  return Array.from({ length: 1 + random(3) }, () => pieces[random(pieces.length)]).join("");
}

function values(random) {
  const pool = [
    null, true, false, 0, -1, 2 ** 31, 2 ** 53 - 1, 0.1, 1e300, 5e-324, "", "🦀", new Uint8Array([0, 255]),
    // Yjs takes a bigint inside another value only.
    [], [2n ** 53n + 1n, { big: -(2n ** 62n) + 1n }], [1, [new Uint8Array([7]), "x"]], {}, { "": 1, "a.b": { c: [null] } },
  ];
  return Array.from({ length: 1 + random(3) }, () => pool[random(pool.length)]);
}

/** Numbers below a bound, from a seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

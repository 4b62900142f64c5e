/**
 * The workloads of crdt-benchmarks (github.com/dmonad/crdt-benchmarks) that are of texts, drawn from fixed seeds: B1, one
 * who writes; B2, two at the same time; B3, many at the same time; and B4, a paper as it was typed. The recorded keystrokes of
 * B4 are not published as a package: here they are drawn, as many inserts and deletes as there are, in runs as people type.
 *
 * An edit is what comes in the place of `remove` characters at `at`.
 */

import { drawing } from "../../drawing.js";

const letters = "abcdefghijklmnopqrstuvwxyz";
const start = 100;

function words(seed) {
  const below = drawing(seed);
  return {
    below,
    word: (least, most) => Array.from({ length: least + below(most - least + 1) }, () => letters[below(26)]).join(""),
  };
}

const apply = (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove);
const insertion = (at, insert) => ({ at, remove: 0, insert });

/** Edits drawn one after another, each of the text that the ones before leave. */
function drawn(count, seed, draw, before = "") {
  const random = words(seed);
  const edits = [];
  let text = before;
  while (edits.length < count) {
    for (const edit of draw(text, random)) {
      edits.push(edit);
      text = apply(text, edit);
    }
  }
  return edits;
}

const atRandom = (least, most) => (text, { below, word }) => [insertion(below(text.length + 1), word(least, most))];

function insertOrDelete(text, { below, word }) {
  const at = below(text.length + 1);
  if (at === text.length || below(2) === 0) return [insertion(at, word(2, 10))];
  return [{ at, remove: 1 + below(Math.min(9, text.length - at)), insert: "" }];
}

const wordThenMore = (text, random) => {
  const first = atRandom(3, 9)(text, random);
  return [...first, ...insertOrDelete(apply(text, first[0]), random)];
};

/** As many keystrokes as in B4: 182,315 inserts and 77,463 deletes leave 104,852 characters. */
function typed(inserts, deletes) {
  const { below, word } = words(4);
  const edits = [];
  let [text, at, toInsert, toDelete] = ["", 0, inserts, deletes];
  while (toInsert + toDelete > 0) {
    // Most runs go on nearby, some elsewhere.
    const near = Math.max(0, Math.min(text.length, at + below(81) - 40));
    if (below(3) === 0) at = below(4) === 0 ? below(text.length + 1) : near;
    if (at > 0 && below(toInsert + toDelete) < toDelete) {
      const run = Math.min(1 + below(14), toDelete, at);
      for (let n = 1; n <= run; n += 1) edits.push({ at: at - n, remove: 1, insert: "" });
      text = text.slice(0, at - run) + text.slice(at);
      at -= run;
      toDelete -= run;
    } else if (toInsert > 0) {
      const run = word(1, Math.min(14, toInsert));
      for (let n = 0; n < run.length; n += 1) edits.push(insertion(at + n, run[n]));
      text = text.slice(0, at) + run + text.slice(at);
      at += run.length;
      toInsert -= run.length;
    } else {
      at = text.length;
    }
  }
  return edits;
}

const long = (count, seed) => words(seed).word(count, count);
const before = long(start, 1);

/** How one writes: each edit a transaction of its own, or all in one. */
const one = (edits, { together = false } = {}) => ({ edits, together });
/** What two write in one text, each in one transaction that has not seen the other's. */
const two = (make) => ({ before, both: [make(21), make(22)] });

/** Makes a workload by its name, with `count` edits. */
export const workloads = {
  "B1.1": (count) => one(drawn(count, 11, (text, { word }) => [insertion(text.length, word(1, 1))])),
  "B1.2": (count) => one([insertion(0, long(count, 12))]),
  "B1.3": (count) => one(drawn(count, 13, (_, { word }) => [insertion(0, word(1, 1))])),
  "B1.4": (count) => one(drawn(count, 14, atRandom(1, 1))),
  "B1.5": (count) => one(drawn(count, 15, atRandom(2, 10))),
  "B1.6": (count) => one([insertion(0, long(count, 16)), { at: 0, remove: count, insert: "" }]),
  "B1.7": (count) => one(drawn(count, 17, insertOrDelete)),
  "B2.1": (count) => two((seed) => [insertion(0, long(count, seed))]),
  "B2.2": (count) => two((seed) => drawn(count, seed, atRandom(1, 1), before)),
  "B2.3": (count) => two((seed) => drawn(count, seed, atRandom(3, 9), before)),
  "B2.4": (count) => two((seed) => drawn(count * 2, seed, wordThenMore, before)),
  "B3.4": (count) => ({ clients: Math.floor(Math.sqrt(count)) * 20 }),
  B4: (count) => one(typed(Math.round((count / 6_000) * 182_315), Math.round((count / 6_000) * 77_463)), { together: true }),
};

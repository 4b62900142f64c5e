/**
 * The documents: tasks of about 300 bytes of JSON, number n the same everywhere. 50 have one owner, of whom 10 have
 * one priority: what the query asks for.
 */

import { drawing } from "../../drawing.js";

const states = ["open", "doing", "review", "done"];
const syllables = "ba ren to mi cal ver o sin dra lu pe nor ta gis fe mar ul ko est ra vi den ho a".split(" ");
const priorities = 5;
const perOwner = 50;

/** The id of document n; ids come in no order. */
export function idOf(n) {
  const high = Math.imul(n + 1, 2_654_435_761) >>> 0;
  return `${high.toString(16).padStart(8, "0")}${n.toString(16).padStart(8, "0")}`;
}

export function documentNumber(n) {
  const below = drawing(n);
  const word = () => Array.from({ length: 2 + below(3) }, () => syllables[below(syllables.length)]).join("");
  const words = (count) => Array.from({ length: count }, word).join(" ");
  return {
    id: idOf(n),
    owner: `owner-${Math.floor(n / perOwner)}`,
    priority: n % priorities,
    title: words(5),
    notes: words(10),
    state: states[below(states.length)],
    done: below(2) === 0,
    due: { day: `20${10 + below(80)}-0${1 + below(9)}-1${below(10)}`, hour: below(24) },
    tags: [word(), word(), word()],
  };
}

export const documents = (count, first = 0) => Array.from({ length: count }, (_, n) => documentNumber(first + n));

/** What the query that belongs to document n asks for, and how many of the first `count` documents it finds. */
export function questionOf(n, count) {
  const first = n - (n % perOwner);
  const there = Math.min(perOwner, count - first);
  const priority = n % priorities;
  return { owner: `owner-${first / perOwner}`, priority, found: Math.ceil((there - priority) / priorities) };
}

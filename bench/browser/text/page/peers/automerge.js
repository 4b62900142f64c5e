/** Automerge alone, in memory. Texts are merged from one beginning, so each is a copy of one empty document. */

import * as Automerge from "@automerge/automerge/slim";

let empty;

export async function ready() {
  await Automerge.initializeWasm(fetch("/peers/@automerge/automerge/dist/automerge.wasm"));
  empty = Automerge.from({ text: "" });
}

const edited = (doc, edits) => Automerge.change(doc, (draft) => {
  for (const { at, remove, insert } of edits) Automerge.splice(draft, ["text"], at, remove, insert);
});

export function create(before) {
  let doc = edited(Automerge.clone(empty), [{ at: 0, remove: 0, insert: before }]);
  return {
    edit: (edits) => { doc = edited(doc, edits); },
    merge(updates) {
      for (const update of updates) doc = Automerge.loadIncremental(doc, update);
    },
    update: () => Automerge.save(doc),
    text: () => doc.text,
    save: () => Automerge.save(doc),
  };
}

export const sizeOf = (saved) => saved.length;

export const load = (saved) => Automerge.load(saved).text;

export const updateOf = (n) => Automerge.getLastLocalChange(edited(Automerge.clone(empty), [{ at: 0, remove: 0, insert: String(n) }]));

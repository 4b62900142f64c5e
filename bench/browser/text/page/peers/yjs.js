/** Yjs alone, in memory. */

import * as Y from "yjs";

export function create(before) {
  const doc = new Y.Doc();
  const text = doc.getText("value");
  text.insert(0, before);
  return {
    edit: (edits) => doc.transact(() => {
      for (const { at, remove, insert } of edits) {
        if (remove > 0) text.delete(at, remove);
        if (insert) text.insert(at, insert);
      }
    }),
    merge: (updates) => doc.transact(() => { for (const update of updates) Y.applyUpdate(doc, update); }),
    update: () => Y.encodeStateAsUpdate(doc),
    text: () => text.toString(),
    save: () => Y.encodeStateAsUpdate(doc),
  };
}

export const sizeOf = (saved) => saved.length;

export function load(saved) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, saved);
  return doc.getText("value").toString();
}

export function updateOf(n) {
  const doc = new Y.Doc();
  doc.getText("value").insert(0, String(n));
  return Y.encodeStateAsUpdate(doc);
}

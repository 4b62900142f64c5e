/** Loro alone, in memory. */

import init, { LoroDoc } from "loro-crdt/web";

export const ready = () => init("/peers/loro-crdt/web/loro_wasm_bg.wasm");

export function create(before) {
  const doc = new LoroDoc();
  const text = doc.getText("text");
  text.insert(0, before);
  doc.commit();
  return {
    edit(edits) {
      for (const { at, remove, insert } of edits) {
        if (remove > 0) text.delete(at, remove);
        if (insert) text.insert(at, insert);
      }
      doc.commit();
    },
    merge: (updates) => void doc.importBatch(updates),
    update: () => doc.export({ mode: "update" }),
    text: () => text.toString(),
    save: () => doc.export({ mode: "snapshot" }),
  };
}

export const sizeOf = (saved) => saved.length;

export function load(saved) {
  const doc = new LoroDoc();
  doc.import(saved);
  return doc.getText("text").toString();
}

export function updateOf(n) {
  const doc = new LoroDoc();
  doc.getText("text").insert(0, String(n));
  doc.commit();
  return doc.export({ mode: "update" });
}

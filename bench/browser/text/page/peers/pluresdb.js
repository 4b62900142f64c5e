/**
 * A text field of a node, in memory and with its engine in its worker. Each edit is a transaction with a record in the log
 * and a row that SQL reads. Its size is that of the field's document; it is loaded with the database that holds it.
 * Its updates are those of Yjs. Databases exchange what they write by sync: the others who write are editors with
 * documents of Yjs.
 */

import { open } from "/pluresdb/index.js";
import { batches } from "../../../batches.js";

export { create as createOther, updateOf } from "./yjs.js";

/** Edits of one transaction: a record holds 256 KiB. */
const EDITS = 5_000;

const [id, field] = ["paper", "body"];

export async function create(before) {
  const db = await open("memory://", { textIndex: false, undo: 0 });
  await db.defineType({ name: "Paper", fields: { body: { kind: "text" } } });
  await db.put({ id, type: "Paper", data: {} });
  if (before) await db.editText(id, field, [{ at: 0, insert: before }]);
  return {
    async edit(edits) {
      for (const some of batches(edits, EDITS)) await db.editText(id, field, some);
    },
    // One that no transaction can hold is written as several by itself.
    merge: ([first, ...more]) => more.length === 0 ? db.applyUpdate(id, field, "text", first) : db.transaction((tx) => {
      for (const update of [first, ...more]) void tx.applyUpdate(id, field, "text", update);
    }),
    update: () => db.fieldUpdate(id, field, "text"),
    text: () => textOf(db),
    save: async () => ({ image: await db.image(), update: await db.fieldUpdate(id, field, "text") }),
  };
}

export const sizeOf = ({ update }) => update.length;

export const load = async ({ image }) => textOf(await open("memory://", { image }));

const textOf = async (db) => (await db.get(id)).data.body ?? "";

/** What pages do while they are abused: writes whose content follows from their ids. Runs in pages. */

import { random } from "./random.mjs";

/** Of so many writes one is long, so that there is always a checkpoint soon. */
const LONG_EVERY = 20;

/** The text of the node `<round>-<writer>-<n>`: does not compress, and says what is to be found. */
export function textOf(id) {
  const numbers = id.split("-").map(Number);
  const next = random(numbers.reduce((seed, number) => Math.imul(seed, 31) + number + 1, 1));
  const length = numbers.at(-1) % LONG_EVERY === LONG_EVERY - 1 ? 20_000 : 60;
  let text = "";
  while (text.length < length) text += next().toString(36).slice(2);
  return text;
}

/** Says that these were acknowledged, once the one who counts has heard it. */
export const acknowledge = (ids) => fetch("/acknowledged", { method: "POST", body: ids.join(" ") });

/** Writes until the end of the page, several at once, and tells of each once it resolved. */
export function write(db, round, writers = 4) {
  const one = async (writer) => {
    for (let n = 0; ; n += 1) {
      const id = `${round}-${writer}-${n}`;
      await db.put({ id, type: "Note", data: { text: textOf(id) } });
      await acknowledge([id]);
    }
  };
  for (let writer = 0; writer < writers; writer += 1) void one(writer);
}

/** The ids of the nodes whose text is as it was written, and what storage says. */
export async function whole(db) {
  const ids = [];
  for await (const { id, text } of db.rows("SELECT id, data ->> 'text' AS text FROM nodes")) {
    if (text === textOf(id)) ids.push(id);
  }
  return { ids, storageError: (await db.status()).storageError };
}

/** Counts each node that it writes in the same transaction, until `stopped` says so. */
export async function writeCounted(db, run, stopped) {
  for (let n = 0; !stopped(); n += 1) {
    const id = `${run}-0-${n}`;
    await db.transaction((tx) => {
      tx.put({ id, type: "Note", data: { text: textOf(id) } });
      tx.increment("sum", "n", 1);
    });
    await acknowledge([id]);
  }
}

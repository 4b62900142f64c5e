/** A workspace folder with databases in it, and files that only look like one. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "pluresdb";
import { wholeCommit, walFile } from "./wal-file.mjs";

const applicationIdAt = 68;

/** Makes the folder; `remove` deletes it. `settings` are the workspace's. */
export async function workspace(settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "pluresdb-vscode-"));
  const put = (name, content) => writeFile(join(folder, name), content);
  const library = await image(fillLibrary);
  await mkdir(join(folder, ".vscode"));
  await put(".vscode/settings.json", JSON.stringify({ "files.exclude": { "**/.vscode": true }, ...settings }));
  await put("library.pluresdb", library);
  await put("watched.pluresdb", await image(async (db) => void (await db.put({ id: "only", type: "Note", data: {} }))));
  // As a program leaves them that has the database open: almost nothing in the file, all in the other.
  await put("in-wal.pluresdb", changed(library.slice(0, 4096), [applicationIdAt], 0));
  await put("in-wal.pluresdb-wal", walFile([wholeCommit(library)]));
  await put("foreign.pluresdb", changed(library, [applicationIdAt, applicationIdAt + 1], 0));
  await put("text.pluresdb", "This is no database.\n".repeat(20));
  await put("empty.pluresdb", "");
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The bytes of a database that `fill` has filled. */
export async function image(fill) {
  const db = await open("memory://");
  try {
    await fill(db);
    return await db.image();
  } finally {
    await db.close();
  }
}

const authors = [
  ["woolf", "Virginia Woolf", 1882],
  ["joyce", "James Joyce", 1882],
  ["lem", "Stanisław Lem", 1921],
];

const books = [
  ["waves", "The Waves", 1931, "woolf", ["modernism", "sea"]],
  ["lighthouse", "To the Lighthouse", 1927, "woolf", ["modernism", "sea", "family"]],
  ["ulysses", "Ulysses", 1922, "joyce", ["modernism", "Dublin"]],
  ["solaris", "Solaris", 1961, "lem", ["ocean", "science fiction"]],
  ["cyberiad", "The Cyberiad", 1965, "lem", ["robots", "science fiction"]],
];

export const readings = 1250;

/** Three authors, five books, 1,250 readings; edges from books and readings. */
async function fillLibrary(db) {
  await db.transaction((tx) => {
    for (const [id, name, born] of authors) tx.put({ id, type: "Author", data: { name, born } });
    for (const [id, title, year, author, tags] of books) {
      tx.put({ id, type: "Book", data: { title, year, tags, shelf: { room: "study", row: 3 }, lent: false } });
      tx.link({ source: id, label: "written_by", target: author });
    }
    for (let at = 0; at < readings; at++) {
      const id = `reading-${String(at).padStart(4, "0")}`;
      tx.put({ id, type: "Reading", data: { day: `2026-0${1 + (at % 9)}-1${at % 10}`, pages: 10 + (at % 60) } });
      tx.link({ source: id, label: "of", target: books[at % books.length][0] });
    }
  });
}

function changed(bytes, places, value) {
  const copy = Uint8Array.from(bytes);
  for (const place of places) copy[place] = value;
  return copy;
}

/**
 * Automerge in a repository with IndexedDB storage: one document that holds all tasks, since a repository stores each document
 * in files of its own. `flush` resolves once IndexedDB has it, in transactions of the browser's default, which in Chromium is
 * relaxed. It has no index, and leaves other tabs to its network adapters.
 */

import { Repo, initializeWasm } from "@automerge/automerge-repo/slim";
import { IndexedDBStorageAdapter } from "@automerge/automerge-repo-storage-indexeddb";
import { batches } from "../../../batches.js";

export async function open(name) {
  await initializeWasm(fetch("/peers/@automerge/automerge/dist/automerge.wasm"));
  const repo = new Repo({ storage: new IndexedDBStorageAdapter(name) });
  const address = localStorage.getItem(name);
  const handle = address === null ? repo.create({ tasks: {} }) : await repo.find(address);
  localStorage.setItem(name, handle.url);
  const write = (documents) => {
    handle.change(({ tasks }) => { for (const document of documents) tasks[document.id] = document; });
    return repo.flush([handle.documentId]);
  };
  return {
    put: (document) => write([document]),
    async bulk(documents) {
      // All in one change end in a panic of its own.
      for (const some of batches(documents, 5_000)) await write(some);
    },
    get: async (id) => handle.doc().tasks[id],
    close: () => repo.shutdown(),
  };
}

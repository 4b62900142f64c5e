/**
 * TinyBase, a store in memory, with its persister for IndexedDB: each save writes the whole store, in a transaction
 * of the browser's default, which in Chromium is relaxed. The persister of another tab looks once a second. What is no plain
 * value is kept as JSON.
 */

import { createIndexes, createStore } from "tinybase";
import { createIndexedDbPersister } from "tinybase/persisters/persister-indexed-db";

const rowOf = ({ due, tags, ...rest }) => ({ ...rest, due: JSON.stringify(due), tags: JSON.stringify(tags) });
const documentOf = ({ due, tags, ...rest }) => ({ ...rest, due: JSON.parse(due), tags: JSON.parse(tags) });

export async function open(name) {
  const store = createStore();
  const indexes = createIndexes(store).setIndexDefinition("owner", "tasks", "owner");
  let failure;
  const persister = createIndexedDbPersister(store, name, 1, (error) => { failure = error; });
  await persister.load();
  // That there is nothing to load is told as a failure as well.
  failure = undefined;
  const save = async () => {
    await persister.save();
    if (failure) throw failure;
  };
  const get = (id) => store.hasRow("tasks", id) ? documentOf(store.getRow("tasks", id)) : undefined;
  const set = (document) => store.setRow("tasks", document.id, rowOf(document));
  return {
    put(document) {
      set(document);
      return save();
    },
    bulk(documents) {
      store.transaction(() => documents.forEach(set));
      return save();
    },
    get: async (id) => get(id),
    query: async (owner, priority) => indexes.getSliceRowIds("owner", owner).map(get).filter((one) => one.priority === priority),
    async watch(owner, heard) {
      indexes.addSliceRowIdsListener("owner", owner, () => indexes.getSliceRowIds("owner", owner).forEach(heard));
      await persister.startAutoLoad();
    },
    close: () => persister.destroy(),
  };
}

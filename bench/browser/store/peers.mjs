/** The databases that are measured, in the order of the table. Each is a file in `page/peers`, whose comment says what it is. */

/** PluresDB as applications have it; goals are its. */
export const ours = "pluresdb";
/** The same on the thread of the page. */
export const here = "here";
/** IndexedDB itself: what others are told as times of. */
export const floor = "indexeddb";

/** `durability` lists what a peer can be asked for; one that cannot be told is relaxed, and says so in its name. */
export const peers = [
  { key: ours, name: "PluresDB", durability: ["strict", "relaxed"] },
  { key: here, name: "PluresDB, worker: false", durability: ["strict", "relaxed"] },
  { key: floor, name: "IndexedDB", durability: ["strict", "relaxed"] },
  { key: "dexie", name: "Dexie", durability: ["strict", "relaxed"] },
  { key: "pglite", name: "PGlite, idb://", durability: ["relaxed"] },
  { key: "wa-sqlite", name: "wa-sqlite, IDBBatchAtomicVFS", durability: ["strict", "relaxed"] },
  { key: "sqlite-wasm", name: "sqlite-wasm, opfs-sahpool", durability: ["strict"] },
  { key: "rxdb", name: "RxDB, Dexie storage", durability: ["strict", "relaxed"] },
  { key: "pouchdb", name: "PouchDB, indexeddb", durability: ["relaxed"] },
  { key: "tinybase", name: "TinyBase, IndexedDB persister", durability: ["relaxed"] },
  { key: "yjs", name: "Yjs, y-indexeddb", durability: ["relaxed"] },
  { key: "automerge", name: "Automerge, IndexedDB", durability: ["relaxed"] },
];

/** What the page of a step loads: the steps, and the peers when they are asked for, each a file of its own. */

import { steps, watch, write } from "./steps.js";

const peers = {
  pluresdb: () => import("./peers/pluresdb.js"),
  here: () => import("./peers/pluresdb-here.js"),
  indexeddb: () => import("./peers/indexeddb.js"),
  dexie: () => import("./peers/dexie.js"),
  pglite: () => import("./peers/pglite.js"),
  "wa-sqlite": () => import("./peers/wa-sqlite.js"),
  "sqlite-wasm": () => import("./peers/sqlite-wasm.js"),
  rxdb: () => import("./peers/rxdb.js"),
  pouchdb: () => import("./peers/pouchdb.js"),
  tinybase: () => import("./peers/tinybase.js"),
  yjs: () => import("./peers/yjs.js"),
  automerge: () => import("./peers/automerge.js"),
};

globalThis.bench = {
  step: (peer, step, size) => steps[step](peers[peer], size),
  watch: (peer, size) => watch(peers[peer], size),
  write: (peer, size) => write(peers[peer], size),
};

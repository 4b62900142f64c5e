/** What the page of a workload loads: the peers when they are asked for, each a file of its own. */

import { run } from "./run.js";

const peers = {
  pluresdb: () => import("./peers/pluresdb.js"),
  yjs: () => import("./peers/yjs.js"),
  automerge: () => import("./peers/automerge.js"),
  loro: () => import("./peers/loro.js"),
};

globalThis.bench = {
  async run(peer, workload, count) {
    const module = await peers[peer]();
    await module.ready?.();
    return run(module, workload, count);
  },
};

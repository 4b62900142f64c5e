/** A relay as people run it: the command `pluresdb serve`, with a store that outlives it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pluresdb, start } from "./process.mjs";

/** Runs a relay until the test ends; `stop` kills it, `restart` has it back at the same address with its store. */
export async function relay(t) {
  const folder = await mkdtemp(join(tmpdir(), "pluresdb-relay-"));
  let running;
  const run = async (listen) => {
    const words = ["serve", "--listen", listen, "--store", join(folder, "relay.sqlite")];
    running = await start(pluresdb, words, /http:\/\/(127\.0\.0\.1:\d+)\//);
    return running.match[1];
  };
  const address = await run("127.0.0.1:0");
  t.after(async () => {
    await running.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return { url: `ws://${address}/v1/sync`, stop: () => running.stop("SIGKILL"), restart: () => run(address) };
}

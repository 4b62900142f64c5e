/**
 * Builds what is out of date and serves the demo page together with a relay. Press Ctrl-C to stop.
 *
 *   npm start                    on the address that it prints
 *   npm start -- --port 9000     further words go to `pluresdb serve`
 */

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, scratch, target } from "./lib/paths.mjs";
import { main, Stop } from "./lib/stop.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup();
  await build(["wasm", "cli", "demo"]);
  mkdirSync(scratch, { recursive: true });
  return serve(process.argv.slice(2));
});

/** Resolves to the server's exit code when it ends. */
function serve(words) {
  const program = join(target, "release", "pluresdb");
  const store = join(scratch, "relay.sqlite");
  const page = join(root, "demo", "dist");
  return new Promise((resolve, reject) => {
    const server = spawn(program, ["serve", "--page", page, "--store", store, ...words], {
      cwd: root,
      stdio: "inherit",
    });
    // A terminal sends Ctrl-C to both: this script waits, the server closes its store and ends.
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => server.kill("SIGTERM"));
    server.on("error", (error) =>
      reject(new Stop(`${program} could not be started: ${error.message}`)),
    );
    server.on("close", (code, signal) => resolve(signal === "SIGINT" ? 0 : (code ?? 1)));
  });
}

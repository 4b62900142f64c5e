/**
 * Simulates devices, a relay, and all that goes wrong between them; one seed is one run. Ends with
 * the seeds that broke a promise and the fewest actions that do it; says every ten seconds how far it is.
 *
 *   npm run sim                            2,000 seeds
 *   npm run sim -- --seeds 200000          as many as you like
 *   npm run sim -- --seed 17               one seed again, with its plan when it fails
 */

import { buildEnvironment } from "./lib/environment.mjs";
import { run } from "./lib/run.mjs";
import { main } from "./lib/stop.mjs";
import * as versions from "./lib/versions.mjs";
import { ensureRust } from "./setup/rust.mjs";

await main(async () => {
  await ensureRust(versions.rustToolchain());
  const build = ["run", "--quiet", "--profile", "sim", "-p", "pluresdb-tests", "--bin", "sim", "--"];
  return run("cargo", [...build, ...process.argv.slice(2)], { env: buildEnvironment() });
});

/**
 * Measures, with peers on the same work in the same run. Claims are ratios of one run.
 *
 *   npm run bench -- core             the core: one table, a few minutes
 *   npm run bench -- core --growth    also from a tenth to ten times the nodes
 *   npm run bench -- core --quick     shows in seconds that everything runs, not how fast
 *   npm run bench -- core --json      for programs
 *   npm run bench -- core --processor only time on a processor, on a busy machine
 *   npm run bench -- core --report    also writes docs/benchmarks/core.md
 *   npm run bench -- core --nodes N   on N nodes in place of 100,000
 *   npm run bench -- graph            traversals, paths and ranks on WordNet
 *   npm run bench -- core --parts     what the parts of one write take, without storage
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildEnvironment } from "./lib/environment.mjs";
import { root, scratch } from "./lib/paths.mjs";
import { must } from "./lib/run.mjs";
import { main, Stop } from "./lib/stop.mjs";

/** The peers' dependencies are many and are optimised otherwise than ours: a folder of their own. */
const target = join(process.env.CARGO_TARGET_DIR || join(root, "target"), "bench");
const ending = process.platform === "win32" ? ".exe" : "";
const program = (name) => join(target, "release", name + ending);

const benches = { core, graph };

async function core(args) {
  const cwd = join(root, "bench");
  const env = { ...buildEnvironment(), CARGO_TARGET_DIR: target };
  if (args.includes("--parts")) {
    const rest = args.filter((arg) => arg !== "--parts");
    return must("cargo", ["bench", "--bench", "parts", "--", ...rest], { cwd, env });
  }
  // Not with `--locked`: the core's dependencies may have changed since, and nothing else builds this.
  const build = ["build", "--release"];
  await must("cargo", build, { cwd, env });
  // A program of its own: it links another SQLite.
  await must("cargo", build, { cwd: join(cwd, "published"), env });

  // On the disk of the checkout: a system's folder for temporary files may be in memory.
  const folder = join(scratch, "bench");
  mkdirSync(folder, { recursive: true });
  const paths = ["--folder", folder, "--published", program("pluresdb-bench-published")];
  await must(program("pluresdb-bench"), [...paths, ...args.flatMap(withReport)]);
}

/** WordNet's lines go to standard input. */
async function graph() {
  const cwd = join(root, "bench");
  const env = { ...buildEnvironment(), CARGO_TARGET_DIR: target };
  await must("cargo", ["build", "--release", "-p", "pluresdb-bench-graph"], { cwd, env });
  const lines = spawn(process.execPath, [join(root, "scripts", "wordnet-jsonl.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const bench = spawn(program("pluresdb-bench-graph"), { stdio: [lines.stdout, "inherit", "inherit"] });
  const [code] = await once(bench, "exit");
  if (code !== 0) throw new Stop("The benchmark of the graph failed.");
}

const withReport = (arg) =>
  arg === "--report" ? [arg, join(root, "docs", "benchmarks", "core.md")] : [arg];

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (!(name in benches)) {
    throw new Stop(
      `Which benchmark? \`npm run bench -- NAME\`, NAME one of: ${Object.keys(benches).join(", ")}.`,
    );
  }
  await benches[name](args);
});

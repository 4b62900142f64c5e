/**
 * Measures, with peers on the same work in the same run. Claims are ratios of one run.
 *
 *   npm run bench -- core             the core: one table, a few minutes
 *   npm run bench -- core --growth    also from a tenth to ten times the nodes
 *   npm run bench -- core --quick     shows in seconds that everything runs, not how fast
 *   npm run bench -- core --json      for programs
 *   npm run bench -- core --report    also writes docs/benchmarks/core.md
 *   npm run bench -- core --nodes N   on N nodes in place of 100,000
 *   npm run bench -- core --parts     what the parts of one write take, without storage
 *   npm run bench -- meaning          how well words, meaning and both find what examples belong to
 */

import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { buildEnvironment } from "./lib/environment.mjs";
import { root, scratch } from "./lib/paths.mjs";
import { must } from "./lib/run.mjs";
import { main, Stop } from "./lib/stop.mjs";

/** The peers' dependencies are many and are optimised otherwise than ours: a folder of their own. */
const target = join(process.env.CARGO_TARGET_DIR || join(root, "target"), "bench");
const ending = process.platform === "win32" ? ".exe" : "";
const program = (name) => join(target, "release", name + ending);

const benches = { core, meaning };

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

async function meaning(args) {
  const cwd = join(root, "bench");
  const env = { ...buildEnvironment(), CARGO_TARGET_DIR: target };
  await must("cargo", ["build", "--release", "-p", "pluresdb-bench-meaning"], { cwd, env });

  const folder = join(scratch, "bench");
  mkdirSync(folder, { recursive: true });
  const wordnet = join(folder, "wordnet.jsonl");
  const out = openSync(wordnet, "w");
  const read = [join(root, "scripts", "wordnet-jsonl.mjs")];
  await must(process.execPath, read, { stdio: ["ignore", out, "inherit"] });
  closeSync(out);
  const model = join(root, "models", "static-en-256");
  await must(program("pluresdb-bench-meaning"), ["--wordnet", wordnet, "--model", model, ...args]);
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

/**
 * Runs every test: Rust, WebAssembly in a browser, then the built product from outside.
 * Goes on after a failing step; the last line says how many tests passed and failed.
 *
 *   npm test               everything
 *   npm test -- rust js    some steps: no_std, rust, doc, sim, wasm, build, js
 */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { findBrowser } from "./lib/browser.mjs";
import { countsIn } from "./lib/counts.mjs";
import { buildEnvironment, wasmEnvironment } from "./lib/environment.mjs";
import { root } from "./lib/paths.mjs";
import { run, tee } from "./lib/run.mjs";
import { runSteps } from "./lib/steps.mjs";
import { main } from "./lib/stop.mjs";
import { setup } from "./setup.mjs";

/** What a file of JavaScript tests may take: one that waits for ever ends as a failure with its name. */
const FILE_LIMIT_MS = 300_000;

const steps = {
  no_std: {
    title: "the core compiles without an operating system",
    run: async () => ({
      ok:
        0 ===
        (await run(
          "cargo",
          words("check -p pluresdb --no-default-features --target thumbv7em-none-eabihf"),
        )),
    }),
  },
  rust: {
    title: "Rust tests",
    run: () =>
      counted(
        "cargo",
        words("nextest run --workspace --exclude pluresdb-wasm --no-tests=pass"),
        buildEnvironment(),
      ),
  },
  doc: {
    title: "examples in the core's documentation",
    run: () => counted("cargo", words("test --doc -p pluresdb"), buildEnvironment()),
  },
  sim: {
    title: "2,000 simulated runs of devices, relay, network and crashes",
    run: async () => ({
      ok:
        0 ===
        (await run(
          "cargo",
          words("run --quiet --profile sim -p pluresdb-tests --bin sim -- --seeds 2000"),
          { env: buildEnvironment() },
        )),
    }),
  },
  wasm: {
    title: "the WebAssembly package in a browser",
    run: () =>
      counted("cargo", words("test -p pluresdb-wasm --target wasm32-unknown-unknown"), {
        ...wasmEnvironment(),
        ...browserEnvironment(),
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: "wasm-bindgen-test-runner",
      }),
  },
  build: {
    title: "everything that is shipped",
    run: async () => {
      await build();
      return { ok: true };
    },
  },
  js: {
    title: "pages, VS Code, relay and command line from outside",
    run: async () => {
      const files = testFiles();
      if (files.length === 0) return { ok: true, passed: 0, failed: 0, note: "no test files" };
      return counted(
        process.execPath,
        ["--test", "--test-concurrency=1", `--test-timeout=${FILE_LIMIT_MS}`, "--test-reporter=spec", ...files],
        {
          ...buildEnvironment(),
          ...browserEnvironment(),
        },
      );
    },
  },
};

/** Runs a test runner and adds up what it says about its tests. */
async function counted(command, args, env) {
  const { code, output } = await tee(command, args, { env });
  return { ok: code === 0, ...countsIn(output) };
}

/** The tests read CHROME; the driver's name is the one wasm-bindgen-test-runner looks for. */
function browserEnvironment() {
  const { chrome, chromedriver } = findBrowser();
  return { CHROME: chrome, CHROMEDRIVER: chromedriver };
}

/** The files under tests/js that end in .test.mjs, in the order of their names. */
function testFiles() {
  const folder = join(root, "tests", "js");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".test.mjs"))
    .sort()
    .map((name) => join(folder, name));
}

const words = (line) => line.split(" ");

await main(async () => {
  await setup(["build", "test"]);
  const asked = process.argv.slice(2);
  // What is tested from outside must have been built from these sources.
  const wanted = asked.includes("js") ? ["build", ...asked] : asked;
  const { passed, failed } = await runSteps(steps, wanted);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});

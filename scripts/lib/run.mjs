// Runs other programs: live, or with their output kept. Nothing here decides what a failure means,
// except `must`, which turns it into a message.

import { spawn, spawnSync } from "node:child_process";
import { root } from "./paths.mjs";
import { Stop } from "./stop.mjs";

const failed = (code, signal) => code ?? (signal ? 1 : 0);

/** Runs with the terminal handed through. Resolves to the exit code; 127 if it cannot be started. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    child.on("error", () => resolve(127));
    child.on("close", (code, signal) => resolve(failed(code, signal)));
  });
}

/** Like `run`, and also keeps what was printed, without colour codes. */
export function tee(command, args, options = {}) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
    });
    const forward = (from, to) =>
      from.setEncoding("utf8").on("data", (text) => {
        output += text;
        to.write(text);
      });
    forward(child.stdout, process.stdout);
    forward(child.stderr, process.stderr);
    child.on("error", () => resolve({ code: 127, output }));
    child.on("close", (code, signal) =>
      resolve({ code: failed(code, signal), output: withoutColour(output) }),
    );
  });
}

/** Runs silently and returns what was printed; `code` is 127 if it cannot be started. */
export function capture(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
  return {
    code: result.error ? 127 : failed(result.status, result.signal),
    stdout: result.stdout ?? "",
    stderr: result.stderr ?? "",
  };
}

/** Runs with the terminal handed through; a failure ends the script with `explanation`. */
export async function must(command, args, { explanation, shownAs, ...options } = {}) {
  const code = await run(command, args, options);
  if (code !== 0) {
    const what = `\`${shownAs ?? [command, ...args].join(" ")}\` failed with exit code ${code}.`;
    throw new Stop(explanation ? `${what}\n${explanation}` : what);
  }
}

function withoutColour(text) {
  // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

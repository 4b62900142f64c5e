/** Programs of the repository as processes: run to their end, or started until they say that they are ready. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { root, target } from "../../../scripts/lib/paths.mjs";

/** The command line tool as `npm run build` leaves it. */
export const pluresdb = join(target, "release", `pluresdb${process.platform === "win32" ? ".exe" : ""}`);

/** Runs a program to its end; gives what it printed, or throws with it. `input` is a stream for its standard input. */
export function run(program, args, { input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: [input ? "pipe" : "ignore", "pipe", "pipe"] });
    let printed = "";
    let complained = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (complained += text));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(printed);
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code}:\n${complained}${printed}`));
    });
    input?.pipe(child.stdin);
  });
}

/** Starts a program and waits until it prints what `ready` matches; gives the match and how to stop it. */
export async function start(program, args, ready) {
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async (signal = "SIGTERM") => {
    child.kill(signal);
    return ended;
  };
  let said = "";
  const match = await new Promise((resolve, reject) => {
    const hear = (text) => {
      said += text;
      const found = ready.exec(said);
      if (found) resolve(found);
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`${program} ended with ${code} before it was ready:\n${said}`)));
  });
  return { match, stop };
}

// Runs npm: by the Node that runs this script where npm says where it is, so that it works the same
// on every system.

import { must } from "./run.mjs";

const path = process.env.npm_execpath;
const own = process.platform === "win32" ? ["npm.cmd"] : ["npm"];

/** Runs `npm` with these words; a failure ends the script. */
export function npm(words, options = {}) {
  const [command, ...args] = [...(path ? [process.execPath, path] : own), ...words];
  return must(command, args, { shownAs: ["npm", ...words].join(" "), ...options });
}

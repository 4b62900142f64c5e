// How npm is called: by the Node that runs this script where npm says where it is, so that it works
// the same on every system.

const path = process.env.npm_execpath;

/** The words of an npm call: `const [command, ...args] = npm("run", "build")`. */
export const npm = (...words) =>
  path
    ? [process.execPath, path, ...words]
    : [process.platform === "win32" ? "npm.cmd" : "npm", ...words];

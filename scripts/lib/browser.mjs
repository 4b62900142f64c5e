// Finds the browser of the tests and its driver. CHROME and CHROMEDRIVER are tried first.

import { isProgram, which } from "./find.mjs";

const browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** `{ chrome, chromedriver }`, each a full path or undefined. */
export function findBrowser(environment = process.env) {
  return {
    chrome: first(environment.CHROME, browsers),
    chromedriver: first(environment.CHROMEDRIVER, ["chromedriver"]),
  };
}

function first(chosen, names) {
  if (chosen) return isProgram(chosen) ? chosen : undefined;
  for (const name of names) {
    const path = which(name);
    if (path) return path;
  }
  return undefined;
}

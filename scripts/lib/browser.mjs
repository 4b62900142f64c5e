// Finds the browsers of the tests and what drives them. A variable of the environment is tried first: CHROME,
// CHROMEDRIVER, FIREFOX, GECKODRIVER, WEBKITDRIVER, XVFB.

import { join } from "node:path";
import { isProgram, which } from "./find.mjs";
import { toolHome } from "./paths.mjs";
import * as versions from "./versions.mjs";

const browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** `{ chrome, chromedriver }`, each a full path or undefined. */
export function findBrowser(environment = process.env) {
  return {
    chrome: first(environment.CHROME, browsers),
    chromedriver: first(environment.CHROMEDRIVER, ["chromedriver"]),
  };
}

/** `{ firefox, geckodriver }`, each a full path or undefined. */
export function findFirefox(environment = process.env) {
  const built = join(toolHome("geckodriver", versions.geckodriver), "bin");
  return {
    firefox: first(environment.FIREFOX, ["firefox-esr", "firefox"]),
    geckodriver: first(environment.GECKODRIVER, ["geckodriver"]) ?? which("geckodriver", [built]),
  };
}

/** `{ webkitDriver, xvfb }`: WebKit's driver, which has a browser of its own, and a display for it that nobody sees. */
export function findWebKit(environment = process.env) {
  return {
    webkitDriver: first(environment.WEBKITDRIVER, ["WebKitWebDriver"]),
    xvfb: first(environment.XVFB, ["Xvfb"]),
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

// Chromium and the driver that the WebAssembly tests speak to.

import { findBrowser } from "../lib/browser.mjs";
import { heading, note } from "../lib/say.mjs";
import { Stop } from "../lib/stop.mjs";
import * as apt from "./apt.mjs";

const packages = ["chromium", "chromium-driver"];

export async function ensureBrowser() {
  if (complete()) return;
  if (apt.mayUseApt()) {
    heading("Chromium and its driver");
    note("the browser tests run in a real browser, without a window");
    await apt.refresh();
    if (packages.every(apt.offers)) await apt.install(packages);
  }
  if (!complete()) {
    throw new Stop(
      "The browser tests need Chromium (or Chrome) and the chromedriver of the same version.\n" +
        "Debian:  sudo apt-get install chromium chromium-driver\n" +
        "Anywhere else, name them by CHROME and CHROMEDRIVER.",
    );
  }
}

function complete() {
  const { chrome, chromedriver } = findBrowser();
  return chrome !== undefined && chromedriver !== undefined;
}

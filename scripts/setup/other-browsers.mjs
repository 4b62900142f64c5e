// Firefox and WebKit with what drives them. Where they cannot be had, the tests that need them are left out, and say so.

import { findFirefox, findWebKit } from "../lib/browser.mjs";
import { heading, note } from "../lib/say.mjs";
import * as versions from "../lib/versions.mjs";
import * as apt from "./apt.mjs";
import { ensureCargoTool } from "./cargo-tool.mjs";

/** The package whose program is found by each of these. */
const packages = [
  ["firefox-esr", () => findFirefox().firefox],
  ["webkit2gtk-driver", () => findWebKit().webkitDriver],
  ["xvfb", () => findWebKit().xvfb],
];

export async function ensureOtherBrowsers() {
  const lacking = packages.filter(([, find]) => find() === undefined).map(([name]) => name);
  if (lacking.length > 0 && apt.mayUseApt()) {
    heading("Firefox and WebKit");
    note("what works in Chromium is tested in these, too");
    await apt.refresh();
    const offered = lacking.filter(apt.offers);
    if (offered.length > 0) await apt.install(offered);
  }
  const { firefox, geckodriver } = findFirefox();
  if (firefox !== undefined && geckodriver === undefined) {
    await ensureCargoTool({
      name: "geckodriver",
      version: versions.geckodriver,
      program: "geckodriver",
      purpose: "lets the tests drive Firefox",
    });
  }
  for (const [name, find] of packages) {
    if (find() === undefined) note(`${name} is not here and cannot be installed: what needs it is not tested`);
  }
}

/** Pages that have the npm package as `window.pluresdb`, served as a site serves it. */

/* global window -- inside pages */

import { fileURLToPath } from "node:url";
import { launch } from "./chromium.mjs";
import { serve } from "./static-server.mjs";

const folder = (path) => ({ folder: fileURLToPath(new URL(path, import.meta.url)) });
const html = `<!doctype html><meta charset="utf-8"><title>Test</title><script type="module">
  const { open, PluresError } = await import("/pluresdb/index.js");
  const worker = new URLSearchParams(location.search).has("here") ? false : "auto";
  window.pluresdb = { open: (url, options) => open(url, { worker, ...options }), PluresError };
</script>`;

const own = {
  "/": html,
  "/pluresdb/": folder("../../../wasm/dist"),
  "/lib/": folder("."),
  "/soak/": folder("../../soak"),
};

/** A site with the package, the modules that tests run in pages, and further content. */
export const site = (content = {}, options) => serve({ ...own, ...content }, options);

/** A tab on a site, once it has the package. With `here` its engine is on the page, where a test reaches into it. */
export async function tab(context, url, { here = false } = {}) {
  const page = await context.newPage();
  await page.goto(here ? `${url}/?here` : url);
  await page.waitForFunction(() => window.pluresdb !== undefined);
  return page;
}

/** What an application does, done by the package of this page. */
export const everythingAt = (page, url) =>
  page.evaluate(async (url) => {
    const { everything } = await import("/lib/everything.mjs");
    return everything(window.pluresdb, url);
  }, url);

/** Site and browser for the tests of one file; both end with it. */
export async function browserSite(t, { content, profile } = {}) {
  const { url, close } = await site(content);
  const browser = await launch({ profile });
  t.after(async () => {
    await browser.close();
    await close();
  });
  return { url, context: browser.context, open: (options) => tab(browser.context, url, options) };
}

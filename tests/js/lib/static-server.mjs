/** Serves folders and texts over HTTP on a free port of this machine. */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".jsonl": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * `content` maps a path, or the beginning of paths where it ends in a slash, to a text, a folder, or a function that
 * hears what is posted there: `serve({ "/": "<!doctype html>", "/pluresdb/": { folder: "wasm/dist" } })`. `headers`
 * go with every answer.
 */
export async function serve(content, { headers = {} } = {}) {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answer(content, request, response).catch(() => response.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

async function answer(content, request, response) {
  const path = new URL(request.url, "http://localhost").pathname;
  const exact = content[path];
  if (typeof exact === "function") {
    exact(await text(request));
    response.writeHead(204).end();
    return;
  }
  if (typeof exact === "string") {
    response.writeHead(200, { "content-type": types[extname(path)] ?? types[".html"] });
    response.end(exact);
    return;
  }
  const [prefix, place] = Object.entries(content).find(([start]) => start !== "/" && path.startsWith(start)) ?? [];
  const file = place && join(place.folder, normalize(join("/", path.slice(prefix.length))));
  const found = file && (await stat(file).catch(() => undefined));
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "content-type": types[extname(file)] ?? "application/octet-stream",
    "content-length": found.size,
  });
  await pipeline(createReadStream(file), response);
}

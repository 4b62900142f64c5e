/**
 * The sizes of what a page loads: the WebAssembly module and the JavaScript of the npm package, raw
 * and compressed as servers do it. What only `pluresdb/embed` loads has a sum of its own.
 *
 *   npm run size              as a table
 *   npm run size -- --json    for programs
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { root } from "./lib/paths.mjs";
import { table } from "./lib/say.mjs";
import { main, Stop } from "./lib/stop.mjs";

const shipped = [
  { folder: "wasm/pkg", ending: /\.wasm$/ },
  { folder: "wasm/dist", ending: /\.m?js$/, without: /(^|\/)embed/ },
];
const embedding = [{ folder: "wasm/dist", ending: /(^embed.*\.js|embed.*\.wasm|static-en-256\.(safetensors|txt))$/ }];

await main(() => {
  const files = shipped.flatMap(filesIn).map(measure);
  if (!files.some(({ name }) => name.endsWith(".wasm"))) {
    throw new Stop("There is no WebAssembly module in wasm/pkg yet: run `npm run build` first.");
  }
  const total = sum("total", files);
  const optional = embedding.flatMap(filesIn).map(measure);
  const embed = { files: optional, total: sum("more with pluresdb/embed", optional) };

  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ files, total, embed }, undefined, 2));
  } else {
    const number = (value) => value.toLocaleString("en-US");
    const row = ({ name, raw, gzip, brotli }) => [name, number(raw), number(gzip), number(brotli)];
    console.log(
      table([["bytes of", "raw", "gzip -9", "brotli"], ...files.map(row), row(total)], [1, 2, 3]),
    );
    console.log();
    console.log(table([...optional.map(row), row(embed.total)], [1, 2, 3]));
  }
});

function sum(name, files) {
  const total = { name, raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) for (const key of ["raw", "gzip", "brotli"]) total[key] += file[key];
  return total;
}

function filesIn({ folder, ending, without = /^$/ }) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true })
    .filter((name) => ending.test(name) && !without.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function measure(name) {
  const bytes = readFileSync(join(root, name));
  return {
    name,
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
}

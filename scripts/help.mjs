/** Prints what each `npm run` command does: the opening comment of its script. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/paths.mjs";
import { bold } from "./lib/say.mjs";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

for (const [name, command] of Object.entries(scripts)) {
  const file = command.replace(/^node /, "");
  const text = readFileSync(join(root, file), "utf8");
  const [, comment = ""] = /^\/\*\*([\s\S]*?)\*\//.exec(text) ?? [];
  const lines = comment
    .trim()
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""));
  console.log(
    `${bold(`npm run ${name}`)}\n${lines.map((line) => (line ? `  ${line}` : "")).join("\n")}\n`,
  );
}

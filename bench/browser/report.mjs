/** The figures of a page as people read them: tables for a screen, and for the repository. */

import { table } from "../../scripts/lib/say.mjs";
import { sentence } from "../lib/machine.mjs";
import { markdown } from "../lib/numbers.mjs";
import * as store from "./store/tables.mjs";
import * as text from "./text/tables.mjs";

const sections = { store, text };

/** For a terminal. */
export function screen(machine, versions, found) {
  const parts = Object.entries(found).flatMap(([name, figures]) => [
    `\n${sections[name].title}. ${sections[name].data(figures)}`,
    ...sections[name].tables(figures).map(({ rows, right }) => `\n${table(rows, right)}`),
  ]);
  return [...parts, `\n${failing(found)}\n${sentence(machine)}\n${versions}`].join("\n");
}

/** For the repository. */
export function report(machine, versions, found) {
  const parts = Object.entries(found).flatMap(([name, figures]) => [
    `## ${sections[name].title}`,
    sections[name].data(figures),
    ...sections[name].tables(figures).map(({ rows, right }) => markdown(rows, right)),
  ]);
  const lead = `${sentence(machine)} ${versions} Written by \`npm run bench -- browser --report\`; [README.md](README.md) says what is measured and how.`;
  return `${["# In a page", lead, failing(found), ...parts].join("\n\n")}\n`;
}

function failing(found) {
  const told = Object.entries(found);
  const missed = told.flatMap(([name, figures]) => sections[name].missed(figures));
  const failed = told.flatMap(([name, figures]) => sections[name].failures(figures));
  return [
    missed.length === 0 ? "Every goal was reached." : `Goals missed: ${missed.join("; ")}.`,
    ...(failed.length === 0 ? [] : [`Failed: ${failed.join("; ")}.`]),
  ].join("\n");
}

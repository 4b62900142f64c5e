/** The figures of queries as people read them: a table for a screen, and one for the repository. */

import { table } from "../../scripts/lib/say.mjs";
import { sentence } from "../lib/machine.mjs";
import { markdown, number } from "../lib/numbers.mjs";

const ours = "PluresDB";
/** The columns of numbers. */
const numbers = [5, 6, 7];

/** For a terminal. */
export function screen(machine, figures) {
  return `\n${table(rows(figures), numbers)}\n\n${sentence(machine)}`;
}

/** For the repository. */
export function report(machine, figures, versions) {
  return [
    "# Queries",
    "",
    `${sentence(machine)} In pages: ${versions} Written by \`npm run bench -- query --report\`; [README.md](README.md) says what is measured and how.`,
    "",
    markdown(rows(figures), numbers),
    "",
  ].join("\n");
}

function rows(figures) {
  const lines = figures.flatMap((figure) => figure.spreads.map((spread) => cells(figure, spread)));
  return [["section", "where", "figure", "goal", "of", "middle", "19 of 20", "most"], ...lines];
}

function cells({ section, place, figure, unit, goal, spreads }, [name, spread]) {
  const mine = name === ours;
  const head = [section, place, `${figure}, ${unit}`, mine ? judged(goal, spread) : "", name];
  if (spread.cut) return [...head, spread.cut, "", ""];
  const own = spreads.find(([name]) => name === ours)?.[1];
  const ratio = mine || !own || !(spread.p50 > 0) ? "" : ` (${number(own.p50 / spread.p50)}x)`;
  return [...head, number(spread.p50) + ratio, number(spread.p95), number(spread.most)];
}

function judged(goal, { p50, p95, most }) {
  if (!goal) return "";
  const [[which, limit]] = Object.entries(goal);
  const [said, found] = { middle: ["middle", p50], p95: ["19 of 20", p95], every: ["all", most] }[which];
  return `${said} <= ${limit}: ${found <= limit ? "ok" : "MISSED"}`;
}

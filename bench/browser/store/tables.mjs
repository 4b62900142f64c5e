/** The figures of keeping documents as tables: what is promised, and all peers beside IndexedDB. */

import { number } from "../../lib/numbers.mjs";
import { cell as failure, reasons } from "../failures.mjs";
import { figures, judged } from "./figures.mjs";
import { floor, ours, peers } from "./peers.mjs";

export const title = "Keeping documents";
export const data = ({ count }) => `${count.toLocaleString("en-US")} documents of about 300 bytes.`;

const nameOf = (key) => peers.find((peer) => peer.key === key).name;
const shown = ({ name, durability }) => (durability.includes("strict") ? name : `${name} (relaxed)`);

export function tables({ found }) {
  return [
    { rows: [["figure", "goal", "of", "found", "IndexedDB", "ratio", ""], ...figures.map((figure) => goal(figure, found))], right: [3, 4, 5] },
    {
      rows: [["", ...figures.map(({ short, unit }) => `${short}, ${unit}`)], ...peers.map((peer) => line(peer, found))],
      right: figures.map((_, column) => column + 1),
    },
  ];
}

/** Titles of the goals that were not reached, measured or not. */
export function missed({ found }) {
  return figures.filter((figure) => figure.goal && !judged(figure, found).reached).map(({ title }) => title);
}

/** Why figures could not be had. */
export const failures = ({ found }) =>
  reasons(Object.entries(found).map(([peer, figures]) => [nameOf(peer), Object.values(figures)]));

function goal(figure, found) {
  const { key, title } = figure;
  const verdict = judged(figure, found);
  const of = verdict?.of ?? ours;
  return [
    title,
    verdict?.words ?? "",
    nameOf(of),
    value(figure, found[of]),
    value(figure, found[floor]),
    ratio(key, found, of),
    verdict === undefined ? "" : verdict.reached === undefined ? "not measured" : verdict.reached ? "ok" : "MISSED",
  ];
}

function line(peer, found) {
  const of = peer.key;
  const cell = (figure) => {
    const times = of === floor ? "" : ratio(figure.key, found, of);
    return times ? `${value(figure, found[of])} (${times})` : value(figure, found[of]);
  };
  return [shown(peer), ...figures.map(cell)];
}

function value({ key }, of) {
  const measured = of?.[key];
  if (measured === undefined) return "-";
  return measured.failed ? failure(measured) : number(measured.p50);
}

/** A peer's figure in times of IndexedDB's. */
function ratio(key, found, of) {
  const times = found[of]?.[key]?.p50 / found[floor]?.[key]?.p50;
  return Number.isFinite(times) ? `${number(times)}x` : "";
}

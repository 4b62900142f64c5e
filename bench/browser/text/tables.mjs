/** The figures of texts as a table: time of applying, of loading, of one more keystroke, and size, beside Yjs. */

import { number } from "../../lib/numbers.mjs";
import { cell, reasons } from "../failures.mjs";
import { floor, ours, peers, workloads } from "./figures.mjs";

export const title = "Texts";
export const data = ({ count }) => `The workloads of crdt-benchmarks with N = ${count.toLocaleString("en-US")}.`;

const columns = [
  ["apply", "apply, ms"],
  ["load", "load, ms"],
  ["key", "one more key, ms"],
  ["bytes", "size, bytes"],
];

export function tables({ found }) {
  const head = ["workload", "goal", "of", ...columns.map(([, title]) => title)];
  const rows = workloads.flatMap((workload) => peers.map((peer) => line(workload, peer, found[workload.key])));
  return [{ rows: [head, ...rows], right: columns.map((_, column) => column + 3) }];
}

/** Titles of the goals that were not reached, measured or not. */
export function missed({ found }) {
  return workloads.filter(({ key, times }) => times && !reached(times, found[key])).map(({ key, title }) => `${key}, ${title}`);
}

/** Why figures could not be had. */
export const failures = ({ found }) =>
  reasons(peers.map(({ key, name }) => [name, Object.values(found).map((of) => of[key])]));

const times = (of, key) => of[ours][key] / of[floor][key];
const reached = (most, of) => times(of, "apply") <= most;

function line({ key, title, times: most }, peer, of) {
  const mine = peer.key === ours;
  const goal = mine && most ? `apply <= ${most}x Yjs: ${reached(most, of) ? "ok" : "MISSED"}` : "";
  const measured = of[peer.key];
  const cells = measured.failed
    ? [cell(measured), "-", "-", "-"]
    : columns.map(([name]) => number(measured[name]) + (peer.key === floor ? "" : ratio(measured[name] / of[floor][name])));
  return [`${key} ${title}`, goal, peer.name, ...cells];
}

const ratio = (times) => (Number.isFinite(times) ? ` (${number(times)}x)` : "");

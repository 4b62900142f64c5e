/** A node's edges, grouped by label, each a link to its other end. */
import type { Database, Edge } from "pluresdb";
import { button, element } from "../page/dom.ts";
import { count } from "../page/numbers.ts";
import { hashOf } from "../page/route.ts";
import { titleOf } from "./title.ts";

export type Direction = "out" | "in";

export interface EdgeGroup {
  direction: Direction;
  label: string;
  /** The edges on show. */
  links: { id: string; title: string }[];
  /** All of them. */
  total: number;
}

const READ_AT_MOST = 2000;
const SHOWN_AT_FIRST = 12;

/** Groups in order of label; groups named in `opened` are read whole. */
export async function readEdges(
  db: Database,
  id: string,
  direction: Direction,
  opened: ReadonlySet<string>,
): Promise<EdgeGroup[]> {
  const edges = await db.edges(id, { direction, limit: READ_AT_MOST });
  const byLabel = groupByLabel(edges);
  const labels = [...byLabel.keys()].sort();
  return Promise.all(
    labels.map(async (label) => {
      const all = byLabel.get(label) ?? [];
      const shown = opened.has(groupKey(direction, label)) ? all : all.slice(0, SHOWN_AT_FIRST);
      const ends = shown.map((edge) => (direction === "out" ? edge.target : edge.source));
      const links = await Promise.all(ends.map(async (end) => ({ id: end, title: await readTitle(db, end) })));
      return { direction, label, links, total: all.length };
    }),
  );
}

/** `open` is asked for when the reader wants the rest of a group. */
export function drawEdges(
  direction: Direction,
  groups: EdgeGroup[],
  open: (key: string) => void,
): HTMLElement {
  const heading = direction === "out" ? "Outgoing" : "Incoming";
  const total = groups.reduce((sum, group) => sum + group.total, 0);
  const most = total >= READ_AT_MOST ? "the first " : "";
  const section = element(
    "section",
    { class: "edges", "aria-label": `${heading} edges` },
    element("h3", {}, `${heading} `, element("small", {}, `${most}${count(total)}`)),
  );
  if (total === 0) section.append(element("p", { class: "quiet" }, "none"));
  for (const group of groups) section.append(drawGroup(group, open));
  return section;
}

function drawGroup({ direction, label, links, total }: EdgeGroup, open: (key: string) => void): HTMLElement {
  const list = element("ul");
  for (const { id, title } of links) {
    const link = element(
      "a",
      { href: hashOf(id), "data-testid": "edge-link", "data-direction": direction, "data-label": label, "data-id": id },
      title,
    );
    list.append(element("li", {}, link));
  }
  if (total > links.length) {
    const key = groupKey(direction, label);
    list.append(element("li", {}, button(`show all ${count(total)}`, { class: "plain" }, () => { open(key); })));
  }
  return element("div", { class: "group" }, element("h4", {}, label.replaceAll("_", " ")), list);
}

function groupKey(direction: Direction, label: string): string {
  return `${direction} ${label}`;
}

async function readTitle(db: Database, id: string): Promise<string> {
  const node = await db.get(id);
  return node === null ? id : titleOf(node);
}

function groupByLabel(edges: Edge[]): Map<string, Edge[]> {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) {
    const group = groups.get(edge.label);
    if (group === undefined) groups.set(edge.label, [edge]);
    else group.push(edge);
  }
  return groups;
}

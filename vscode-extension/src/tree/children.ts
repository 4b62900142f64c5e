/** The children of each element, read from an open database. Knows nothing of VS Code. */
import type { Database, Node } from "pluresdb";
import { counts, type Overview } from "../engine/overview.ts";
import {
  elementId,
  nodeElement,
  noteElement,
  typeElement,
  type DatabaseElement,
  type Direction,
  type EdgeElement,
  type Element,
  type FieldElement,
  type LabelElement,
  type MoreElement,
  type NodeElement,
  type TypeElement,
} from "./elements.ts";
import type { Pages } from "./pages.ts";
import { partsOf } from "./preview.ts";

export type Reader = Pick<Database, "list" | "get" | "edges" | "table">;

/** Most parts of one value that are listed; the rest is seen in the node's document. */
const PARTS = 1000;

const LABELS: Record<Direction, string> = {
  out: "SELECT label, count(*) FROM edges WHERE source = ?1 GROUP BY label ORDER BY label",
  in: "SELECT label, count(*) FROM edges WHERE target = ?1 GROUP BY label ORDER BY label",
};

export function typesIn(parent: DatabaseElement, overview: Overview): Element[] {
  if (overview.types.length === 0) return [noteElement(parent, "No nodes yet", "info")];
  return overview.types.map(({ name, count }) => typeElement(parent, name, count));
}

/** The first nodes of a type in the order of their ids, those that were revealed, and what asks for more. */
export async function nodesOf(reader: Reader, parent: TypeElement, pages: Pages): Promise<Element[]> {
  const nodes = await reader.list({ type: parent.name, limit: pages.shown(parent.id) });
  if (nodes.length >= parent.count) return nodes.map((node) => nodeElement(parent, node));
  const listed = new Set(nodes.map(({ id }) => id));
  const pinned: Node[] = [];
  for (const id of pages.pinned(parent.id)) {
    const node = listed.has(id) ? null : await reader.get(id);
    if (node?.type === parent.name) pinned.push(node);
  }
  return [
    ...[...nodes, ...pinned].map((node) => nodeElement(parent, node)),
    moreElement(parent, nodes.length + pinned.length, parent.count),
  ];
}

export async function partsOfNode(reader: Reader, parent: NodeElement): Promise<Element[]> {
  const fields = fieldsOf(parent, Object.entries(parent.node.data));
  const labels = [...(await labelsOf(reader, parent, "out")), ...(await labelsOf(reader, parent, "in"))];
  const all = [...fields, ...labels];
  return all.length > 0 ? all : [noteElement(parent, "No fields and no edges", "info")];
}

export function partsOfField(parent: FieldElement): Element[] {
  const parts = partsOf(parent.value);
  const shown: Element[] = fieldsOf(parent, parts.slice(0, PARTS));
  if (parts.length > PARTS) {
    shown.push(noteElement(parent, `${parts.length - PARTS} more: open the node to see them`, "info"));
  }
  return shown;
}

export async function edgesOf(reader: Reader, parent: LabelElement, pages: Pages): Promise<Element[]> {
  const { direction, name: label } = parent;
  const edges = await reader.edges(parent.parent.node.id, { direction, label, limit: pages.shown(parent.id) });
  const elements: Element[] = [];
  for (const edge of edges) {
    const other = await reader.get(direction === "out" ? edge.target : edge.source);
    if (other !== null) elements.push(edgeElement(parent, other, edge.key));
  }
  if (edges.length < parent.count) elements.push(moreElement(parent, edges.length, parent.count));
  return elements;
}

async function labelsOf(reader: Reader, parent: NodeElement, direction: Direction): Promise<LabelElement[]> {
  const found = await counts(reader, LABELS[direction], [parent.node.id]);
  return found.map(({ name, count }) => ({
    kind: "label",
    id: `${parent.id}|${elementId(direction, name)}`,
    parent,
    direction,
    name,
    count,
  }));
}

function fieldsOf(parent: NodeElement | FieldElement, parts: [string, FieldElement["value"]][]): FieldElement[] {
  return parts.map(([name, value]) => ({
    kind: "field",
    id: `${parent.id}|${elementId("field", name)}`,
    parent,
    name,
    value,
  }));
}

function edgeElement(parent: LabelElement, other: Node, edgeKey: string): EdgeElement {
  return { kind: "edge", id: `${parent.id}|${elementId("edge", other.id, edgeKey)}`, parent, other, edgeKey };
}

function moreElement(parent: TypeElement | LabelElement, shown: number, total: number): MoreElement {
  return { kind: "more", id: `${parent.id}|more`, parent, shown, total };
}

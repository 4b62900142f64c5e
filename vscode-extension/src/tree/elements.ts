/** What the tree is made of. An element's `id` is unique in the whole tree and the same after a reload. */
import type { Node, Value } from "pluresdb";

export type Direction = "out" | "in";

export type Element =
  | DatabaseElement
  | TypeElement
  | NodeElement
  | FieldElement
  | LabelElement
  | EdgeElement
  | MoreElement
  | NoteElement;

export interface DatabaseElement {
  kind: "database";
  id: string;
  /** Key of the registry's entry. */
  key: string;
}

export interface TypeElement {
  kind: "type";
  id: string;
  parent: DatabaseElement;
  name: string;
  count: number;
}

export interface NodeElement {
  kind: "node";
  id: string;
  parent: TypeElement;
  node: Node;
}

/** A field of a node, or a part of a field's value. */
export interface FieldElement {
  kind: "field";
  id: string;
  parent: NodeElement | FieldElement;
  name: string;
  value: Value;
}

/** The edges of one label that leave or enter a node. */
export interface LabelElement {
  kind: "label";
  id: string;
  parent: NodeElement;
  direction: Direction;
  name: string;
  count: number;
}

export interface EdgeElement {
  kind: "edge";
  id: string;
  parent: LabelElement;
  /** The node at the other end. */
  other: Node;
  edgeKey: string;
}

/** What stands for children that are not loaded yet. */
export interface MoreElement {
  kind: "more";
  id: string;
  parent: TypeElement | LabelElement;
  shown: number;
  total: number;
}

/** A line of text: an error, or what is left out. */
export interface NoteElement {
  kind: "note";
  id: string;
  parent: Element;
  text: string;
  severity: "info" | "error";
}

/** Parts joined so that no two lists give the same text. */
export function elementId(...parts: string[]): string {
  return parts.map((part) => part.replace(/[%|]/g, encodeURIComponent)).join("|");
}

export function databaseElement(key: string): DatabaseElement {
  return { kind: "database", id: elementId(key), key };
}

export function typeElement(parent: DatabaseElement, name: string, count: number): TypeElement {
  return { kind: "type", id: `${parent.id}|${elementId("type", name)}`, parent, name, count };
}

export function nodeElement(parent: TypeElement, node: Node): NodeElement {
  return { kind: "node", id: `${parent.id}|${elementId("node", node.id)}`, parent, node };
}

export function noteElement(parent: Element, text: string, severity: NoteElement["severity"]): NoteElement {
  return { kind: "note", id: `${parent.id}|note`, parent, text, severity };
}

export function databaseOf(element: Element): DatabaseElement {
  return element.kind === "database" ? element : databaseOf(element.parent);
}

/** The node an element stands for: itself, or the other end of an edge. */
export function nodeOf(element: Element): Node | undefined {
  if (element.kind === "node") return element.node;
  return element.kind === "edge" ? element.other : undefined;
}

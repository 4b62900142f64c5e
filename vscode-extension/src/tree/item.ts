/** How each element of the tree looks. */
import * as vscode from "vscode";
import { sentenceOf } from "../engine/failure.ts";
import type { Registry } from "../engine/registry.ts";
import { grouped, plural } from "../text.ts";
import type { DatabaseElement, EdgeElement, Element, FieldElement, LabelElement, MoreElement, NodeElement } from "./elements.ts";
import { PAGE } from "./pages.ts";
import { partsOf, preview } from "./preview.ts";
import { titleOf } from "./title.ts";

const { None, Collapsed } = vscode.TreeItemCollapsibleState;

export function treeItem(element: Element, registry: Registry): vscode.TreeItem {
  const item = draw(element, registry);
  item.id = element.id;
  item.contextValue = element.kind;
  // Without this a screen reader would be given the tooltip alone.
  item.accessibilityInformation ??= { label: spoken(item) };
  return item;
}

function spoken({ label, description }: vscode.TreeItem): string {
  const parts = [label, description].filter((part) => typeof part === "string");
  return parts.filter((part) => part !== "").join(", ");
}

function draw(element: Element, registry: Registry): vscode.TreeItem {
  switch (element.kind) {
    case "database":
      return drawDatabase(element, registry);
    case "type": {
      const item = make(element.name, Collapsed, "symbol-class");
      item.description = grouped(element.count);
      item.accessibilityInformation = { label: `Type ${element.name}, ${plural(element.count, "node")}` };
      return item;
    }
    case "node":
      return drawNode(element);
    case "field":
      return drawField(element);
    case "label":
      return drawLabel(element);
    case "edge":
      return drawEdge(element);
    case "more":
      return drawMore(element);
    case "note":
      return make(element.text, None, element.severity === "error" ? "error" : "info");
  }
}

function drawDatabase(element: DatabaseElement, registry: Registry): vscode.TreeItem {
  const entry = registry.entry(element.key);
  const item = make(entry?.name ?? element.key, vscode.TreeItemCollapsibleState.Expanded, "database");
  const state = entry?.state;
  if (state === undefined || state.kind === "opening") {
    item.iconPath = new vscode.ThemeIcon("loading~spin");
    item.description = "opening…";
  } else if (state.kind === "failed") {
    item.iconPath = new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
    item.tooltip = sentenceOf(state.failure);
  } else {
    const { nodes, edges } = state.overview.status;
    const counts = `${plural(nodes, "node")}, ${plural(edges, "edge")}`;
    item.description = counts;
    item.tooltip = `${entry?.uri.path ?? ""}\n${counts}\nread-only`;
  }
  return item;
}

function drawNode(element: NodeElement): vscode.TreeItem {
  const { node } = element;
  const title = titleOf(node);
  const item = make(title, Collapsed, "symbol-object");
  if (title !== node.id) item.description = node.id;
  item.tooltip = `${node.type} ${node.id}\nchanged ${new Date(node.updated).toLocaleString()}`;
  item.command = { command: "pluresdb.openNode", title: "Open as JSON", arguments: [element] };
  return item;
}

function drawField(element: FieldElement): vscode.TreeItem {
  const { name, value } = element;
  const item = make(name, partsOf(value).length > 0 ? Collapsed : None, fieldIcon(value));
  item.description = preview(value);
  if (typeof value === "string") item.tooltip = value;
  return item;
}

function fieldIcon(value: FieldElement["value"]): string {
  if (value === null) return "circle-slash";
  if (typeof value === "string") return "symbol-string";
  if (typeof value === "boolean") return "symbol-boolean";
  if (typeof value === "number" || typeof value === "bigint") return "symbol-number";
  if (value instanceof Uint8Array) return "file-binary";
  return Array.isArray(value) ? "symbol-array" : "symbol-namespace";
}

function drawLabel(element: LabelElement): vscode.TreeItem {
  const out = element.direction === "out";
  const item = make(element.name, Collapsed, out ? "arrow-right" : "arrow-left");
  item.description = `${out ? "to" : "from"} ${grouped(element.count)}`;
  item.tooltip = `${plural(element.count, "edge")} ${element.name} that ${out ? "leave" : "enter"} this node`;
  item.accessibilityInformation = { label: item.tooltip };
  return item;
}

function drawEdge(element: EdgeElement): vscode.TreeItem {
  const { other, edgeKey } = element;
  const title = titleOf(other);
  const item = make(title, None, "symbol-reference");
  const parts = [...(title === other.id ? [] : [other.id]), ...(edgeKey === "" ? [] : [`key ${edgeKey}`])];
  item.description = parts.join(" · ");
  item.tooltip = `${other.type} ${other.id}`;
  item.command = { command: "pluresdb.openNode", title: "Open as JSON", arguments: [element] };
  return item;
}

function drawMore(element: MoreElement): vscode.TreeItem {
  const next = Math.min(PAGE, element.total - element.shown);
  const item = make(`Load ${grouped(next)} more…`, None, "ellipsis");
  item.description = `${grouped(element.shown)} of ${grouped(element.total)}`;
  item.command = { command: "pluresdb.loadMore", title: "Load More", arguments: [element] };
  return item;
}

function make(label: string, state: vscode.TreeItemCollapsibleState, icon: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label, state);
  item.iconPath = new vscode.ThemeIcon(icon);
  return item;
}

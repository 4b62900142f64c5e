/** Commands that are about a node: open as JSON, copy its id, reveal it in the tree. */
import * as vscode from "vscode";
import { nodeUri } from "../documents/address.ts";
import type { Registry } from "../engine/registry.ts";
import type { Element } from "../tree/elements.ts";
import type { DatabaseTree } from "../tree/provider.ts";
import { isElement, nodeTarget } from "./target.ts";

export async function openNode(argument: unknown): Promise<void> {
  const target = nodeTarget(argument);
  if (target === undefined) return;
  const document = await vscode.workspace.openTextDocument(nodeUri(target));
  // Who walks through the tree goes on walking there.
  await vscode.window.showTextDocument(document, { preview: true, preserveFocus: isElement(argument) });
}

export async function copyId(argument: unknown): Promise<void> {
  const target = nodeTarget(argument);
  if (target !== undefined) await vscode.env.clipboard.writeText(target.id);
}

export async function reveal(registry: Registry, tree: DatabaseTree, view: vscode.TreeView<Element>, argument: unknown): Promise<void> {
  const target = nodeTarget(argument);
  if (target === undefined) return;
  await registry.open(vscode.Uri.parse(target.key, true));
  const element = await tree.find(target.key, target.id);
  if (element === undefined) {
    void vscode.window.showWarningMessage(`There is no node with the id ${JSON.stringify(target.id)} any more.`);
    return;
  }
  await view.reveal(element, { select: true, focus: true });
}

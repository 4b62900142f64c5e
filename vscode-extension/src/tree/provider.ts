/** The tree of open databases for VS Code's view. */
import * as vscode from "vscode";
import { failureOf, sentenceOf } from "../engine/failure.ts";
import type { Entry } from "../engine/entry.ts";
import type { Registry } from "../engine/registry.ts";
import { edgesOf, nodesOf, partsOfField, partsOfNode, typesIn } from "./children.ts";
import { databaseElement, databaseOf, nodeElement, noteElement, typeElement, type Element, type MoreElement, type NodeElement } from "./elements.ts";
import { treeItem } from "./item.ts";
import { Pages } from "./pages.ts";

export class DatabaseTree implements vscode.TreeDataProvider<Element>, vscode.Disposable {
  readonly #registry: Registry;
  readonly #pages = new Pages();
  readonly #changed = new vscode.EventEmitter<Element | undefined>();
  readonly #listener: vscode.Disposable;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#listener = registry.onDidChange((entry) => {
      this.#follow(entry);
    });
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  getTreeItem(element: Element): vscode.TreeItem {
    return treeItem(element, this.#registry);
  }

  getParent(element: Element): Element | undefined {
    return element.kind === "database" ? undefined : element.parent;
  }

  async getChildren(element?: Element): Promise<Element[]> {
    if (element === undefined) return this.#registry.entries().map(({ key }) => databaseElement(key));
    const state = this.#registry.entry(databaseOf(element).key)?.state;
    if (state === undefined || state.kind === "opening") return [];
    if (state.kind === "failed") {
      return element.kind === "database" ? [noteElement(element, sentenceOf(state.failure), "error")] : [];
    }
    try {
      switch (element.kind) {
        case "database":
          return typesIn(element, state.overview);
        case "type":
          return await nodesOf(state.database, element, this.#pages);
        case "node":
          return await partsOfNode(state.database, element);
        case "field":
          return partsOfField(element);
        case "label":
          return await edgesOf(state.database, element, this.#pages);
        case "edge":
        case "more":
        case "note":
          return [];
      }
    } catch (error) {
      return [noteElement(element, sentenceOf(failureOf(error)), "error")];
    }
  }

  loadMore({ parent }: MoreElement): void {
    this.#pages.more(parent.id);
    this.#changed.fire(parent);
  }

  /** The element of a node, made visible in its type's list; nothing where there is no such node. */
  async find(key: string, id: string): Promise<NodeElement | undefined> {
    const state = this.#registry.entry(key)?.state;
    if (state?.kind !== "open") return undefined;
    const node = await state.database.get(id);
    if (node === null) return undefined;
    const count = state.overview.types.find(({ name }) => name === node.type)?.count ?? 0;
    const type = typeElement(databaseElement(key), node.type, count);
    if (!(await this.#lists(type, id))) {
      this.#pages.pin(type.id, id);
      this.#changed.fire(undefined);
    }
    return nodeElement(type, node);
  }

  async #lists(type: Element, id: string): Promise<boolean> {
    const children = await this.getChildren(type);
    return children.some((child) => child.kind === "node" && child.node.id === id);
  }

  #follow(entry: Entry): void {
    if (this.#registry.entry(entry.key) === undefined) this.#pages.forget(databaseElement(entry.key).id);
    this.#changed.fire(undefined);
  }
}

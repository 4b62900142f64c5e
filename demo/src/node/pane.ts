/** The node on show: what the address bar names, with its edges, kept fresh, and the ways to change it. */
import type { Database, Node } from "pluresdb";
import { button, byId, element } from "../page/dom.ts";
import { showError } from "../page/errors.ts";
import { type Route, currentRoute, go, hashOf, onRoute } from "../page/route.ts";
import { NodeEditor } from "./editor.ts";
import { type EdgeGroup, drawEdges, readEdges } from "./edges.ts";
import { drawFields } from "./fields.ts";
import { toText } from "./json.ts";
import { kindOf, titleOf } from "./title.ts";

/** All that is drawn of a node. */
interface View {
  id: string;
  node: Node | null;
  out: EdgeGroup[];
  in: EdgeGroup[];
}

export class NodePane {
  readonly #db: Database;
  readonly #content = byId("node-content", HTMLDivElement);
  readonly #editor: NodeEditor;
  /** Deleted here, so that it can be brought back. */
  readonly #deleted = new Map<string, Node>();
  /** Edge groups of the node on show that the reader unfolded. */
  readonly #opened = new Set<string>();
  /** What is drawn, as text: the same again is not drawn. */
  #drawn = "";
  /** The reader went somewhere since the last drawing; then a lost focus moves to the heading. */
  #navigated = false;
  #newest = 0;

  constructor(db: Database) {
    this.#db = db;
    this.#editor = new NodeEditor(
      db,
      (id) => { this.#afterEdit(hashOf(id)); },
      () => { this.#afterEdit(currentRoute().show === "new" ? "#" : location.hash); },
    );
    onRoute(() => {
      this.#editor.leave();
      this.#opened.clear();
      this.#drawn = "";
      this.#navigated = true;
      this.#refreshOrShow();
    });
  }

  /** Reads what the address bar names and draws it where it changed. */
  async refresh(): Promise<void> {
    const number = ++this.#newest;
    const route = currentRoute();
    if (route.show !== "node") {
      this.#drawRoute(route);
      return;
    }
    const view = await this.#read(route.id);
    if (number !== this.#newest) return;
    if (this.#editor.isOpen) {
      this.#editor.noticeChange(view.node);
      return;
    }
    const { node } = view;
    const fields = toText([node?.type ?? null, node?.data ?? null]);
    const text = `${view.id} ${fields} ${JSON.stringify([view.out, view.in])}`;
    if (text === this.#drawn) return;
    const isUpdate = this.#drawn.startsWith(`${view.id} `);
    this.#drawn = text;
    this.#replace(isUpdate, ...(node === null ? this.#drawMissing(view.id) : this.#drawNode(node, view)));
  }

  async #read(id: string): Promise<View> {
    const node = await this.#db.get(id);
    if (node === null) return { id, node, out: [], in: [] };
    const [out, incoming] = await Promise.all([
      readEdges(this.#db, id, "out", this.#opened),
      readEdges(this.#db, id, "in", this.#opened),
    ]);
    return { id, node, out, in: incoming };
  }

  #drawRoute(route: Exclude<Route, { show: "node" }>): void {
    if (this.#drawn === route.show) return;
    this.#drawn = route.show;
    if (route.show === "new") {
      this.#content.replaceChildren();
      this.#editor.open(null);
      return;
    }
    this.#replace(
      false,
      element("h2", { tabindex: "-1" }, "Nodes"),
      element("p", {}, "Search, pick a node and walk along its edges, change it, or make one of your own."),
      element("p", { class: "quiet" }, "What you do here is seen at once in every window that shares this space."),
      element("div", { class: "buttons" }, this.#newButton()),
    );
  }

  #drawNode(node: Node, view: View): HTMLElement[] {
    const open = (key: string): void => {
      this.#opened.add(key);
      this.#refreshOrShow();
    };
    return [
      element(
        "div",
        { class: "heading" },
        element("h2", { tabindex: "-1", "data-testid": "node-title" }, titleOf(node)),
        element("span", { class: "kind" }, kindOf(node)),
      ),
      element(
        "p",
        { class: "quiet" },
        element("code", { "data-testid": "node-id" }, node.id),
        ` · type ${node.type} · changed ${new Date(node.updated).toLocaleString()}`,
      ),
      drawFields(node.data),
      element(
        "div",
        { class: "buttons" },
        button("Edit", { "data-testid": "node-edit" }, () => { this.#edit(node); }),
        button("Delete", { "data-testid": "node-delete" }, () => void this.#delete(node)),
        this.#newButton(),
      ),
      element("div", { class: "directions" }, drawEdges("out", view.out, open), drawEdges("in", view.in, open)),
    ];
  }

  #drawMissing(id: string): HTMLElement[] {
    const deleted = this.#deleted.get(id);
    const buttons = element("div", { class: "buttons" }, this.#newButton());
    if (deleted !== undefined) {
      buttons.prepend(button("Bring it back", { "data-testid": "node-undo" }, () => void this.#bringBack(deleted)));
    }
    const why = deleted === undefined ? "There is no node with this id here." : "You deleted this node.";
    return [
      element("h2", { tabindex: "-1", "data-testid": "node-title" }, deleted === undefined ? "Not here" : "Deleted"),
      element("p", { "data-testid": "node-missing" }, why),
      element("p", { class: "quiet" }, element("code", { "data-testid": "node-id" }, id)),
      buttons,
    ];
  }

  /** Swaps the content and keeps the keyboard's place: on the same edge, else on the heading. */
  #replace(isUpdate: boolean, ...content: HTMLElement[]): void {
    const focused = document.activeElement;
    const hadFocus = this.#content.contains(focused) || (this.#navigated && focused === document.body);
    const place = focused instanceof HTMLAnchorElement ? edgeSelector(focused) : null;
    this.#content.replaceChildren(...content);
    this.#content.classList.toggle("updated", isUpdate);
    if (this.#navigated) bringIntoView(byId("node-view", HTMLElement));
    this.#navigated = false;
    if (!hadFocus) return;
    const same = isUpdate && place !== null ? this.#content.querySelector<HTMLElement>(place) : null;
    (same ?? this.#content.querySelector("h2"))?.focus({ preventScroll: true });
  }

  #newButton(): HTMLButtonElement {
    return button("New node", { "data-testid": "node-new" }, () => { go("#new"); });
  }

  #edit(node: Node): void {
    this.#content.replaceChildren();
    this.#editor.open(node);
  }

  #afterEdit(hash: string): void {
    this.#drawn = "";
    this.#navigated = true;
    if (location.hash === hash) this.#refreshOrShow();
    else go(hash);
  }

  async #delete(node: Node): Promise<void> {
    this.#deleted.set(node.id, node);
    try {
      await this.#db.delete(node.id);
    } catch (error) {
      this.#deleted.delete(node.id);
      showError("The node could not be deleted", error);
    }
    this.#refreshOrShow();
  }

  async #bringBack({ id, type, data }: Node): Promise<void> {
    try {
      await this.#db.put({ id, type, data });
      this.#deleted.delete(id);
    } catch (error) {
      showError("The node could not be brought back", error);
    }
    this.#refreshOrShow();
  }

  #refreshOrShow(): void {
    this.refresh().catch((error: unknown) => { showError("The node could not be read", error); });
  }
}

function edgeSelector(link: HTMLAnchorElement): string | null {
  const { direction, label, id } = link.dataset;
  if (direction === undefined || label === undefined || id === undefined) return null;
  const is = (name: string, value: string): string => `[data-${name}="${CSS.escape(value)}"]`;
  return `a${is("direction", direction)}${is("label", label)}${is("id", id)}`;
}

/** In a narrow window, or from far down the page, the node may be off screen. */
function bringIntoView(target: HTMLElement): void {
  const { top } = target.getBoundingClientRect();
  if (top < 0 || top > innerHeight * 0.7) target.scrollIntoView({ block: "start" });
}

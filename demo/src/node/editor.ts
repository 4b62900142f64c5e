/**
 * The form that edits a node or makes a new one.
 * Of an existing node only what was changed is written, so that changes made elsewhere meanwhile survive.
 * A form that is left unsaved keeps its text until the page is closed.
 */
import type { Data, Database, Node } from "pluresdb";
import { byId, setText, showOrHide } from "../page/dom.ts";
import { describe } from "../page/errors.ts";
import { diff } from "./diff.ts";
import { fieldsFromText, toText } from "./json.ts";

const BLANK = `{\n  "title": "",\n  "note": ""\n}`;

interface Form {
  /** The node as it was when the form was opened, or null for a new one. */
  base: Node | null;
  id: string;
  type: string;
  json: string;
}

export class NodeEditor {
  readonly #db: Database;
  readonly #form = byId("node-editor", HTMLFormElement);
  readonly #title = byId("editor-title", HTMLHeadingElement);
  readonly #notice = byId("editor-notice", HTMLParagraphElement);
  readonly #id = byId("editor-id", HTMLInputElement);
  readonly #type = byId("editor-type", HTMLInputElement);
  readonly #json = byId("editor-json", HTMLTextAreaElement);
  readonly #error = byId("editor-error", HTMLParagraphElement);
  readonly #drafts = new Map<string, Form>();
  readonly #onSaved: (id: string) => void;
  #opened: Form | null = null;
  #saving = false;

  constructor(db: Database, onSaved: (id: string) => void, onCancelled: () => void) {
    this.#db = db;
    this.#onSaved = onSaved;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
    byId("editor-cancel", HTMLButtonElement).addEventListener("click", () => {
      this.#close();
      onCancelled();
    });
  }

  get isOpen(): boolean {
    return this.#opened !== null;
  }

  /** Opens on a node, or with null on a blank one. */
  open(node: Node | null): void {
    const draft = this.#drafts.get(draftKey(node));
    const form = draft ?? {
      base: node,
      id: node?.id ?? "",
      type: node?.type ?? "Note",
      json: node === null ? BLANK : toText(node.data),
    };
    this.#opened = { ...form };
    setText(this.#title, node === null ? "New node" : "Edit node");
    showOrHide(this.#notice, draft === undefined ? null : "This is your text from before, not saved yet.");
    showOrHide(this.#error, null);
    this.#id.value = form.id;
    this.#id.readOnly = node !== null;
    this.#type.value = form.type;
    this.#json.value = form.json;
    this.#form.hidden = false;
    this.#json.focus();
  }

  /** Closes, and keeps what was typed for the next time the same node is edited. */
  leave(): void {
    const opened = this.#opened;
    if (opened === null) return;
    const typed: Form = { base: opened.base, id: this.#id.value, type: this.#type.value, json: this.#json.value };
    this.#close();
    const changed = typed.id !== opened.id || typed.type !== opened.type || typed.json !== opened.json;
    if (changed) this.#drafts.set(draftKey(opened.base), typed);
  }

  /** The node was changed while it is being edited. */
  noticeChange(now: Node | null): void {
    const base = this.#opened?.base;
    if (base === null || base === undefined || this.#saving) return;
    const same = now !== null && now.type === base.type && diff(base.data, now.data) === null;
    if (same) return;
    const what = now === null ? "was deleted" : "was changed";
    showOrHide(this.#notice, `This node ${what} meanwhile. Saving writes only the fields you changed.`);
  }

  #close(): void {
    if (this.#opened !== null) this.#drafts.delete(draftKey(this.#opened.base));
    this.#opened = null;
    this.#form.hidden = true;
  }

  async #save(): Promise<void> {
    const opened = this.#opened;
    if (opened === null || this.#saving) return;
    this.#saving = true;
    try {
      const data = fieldsFromText(this.#json.value);
      const id = await this.#write(opened.base, data);
      if (this.#opened === opened) this.#close();
      this.#onSaved(id);
    } catch (error) {
      showOrHide(this.#error, describe(error));
    } finally {
      this.#saving = false;
    }
  }

  async #write(base: Node | null, data: Data): Promise<string> {
    const type = this.#type.value.trim();
    if (base === null) {
      const id = this.#id.value.trim();
      return this.#db.put(id === "" ? { type, data } : { id, type, data });
    }
    if (type !== base.type) return this.#db.put({ id: base.id, type, data });
    const patch = diff(base.data, data);
    if (patch !== null) await this.#db.patch(base.id, patch);
    return base.id;
  }
}

function draftKey(node: Node | null): string {
  return node === null ? "" : node.id;
}

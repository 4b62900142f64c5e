/** ProseMirror on a formatted text of a node. */
import { baseKeymap, toggleMark } from "prosemirror-commands";
import { keymap } from "prosemirror-keymap";
import { schema } from "prosemirror-schema-basic";
import { EditorState } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { initProseMirrorDoc, redo, undo, ySyncPlugin, yUndoPlugin } from "y-prosemirror";
import type { XmlFragment } from "yjs";

export function editRich(parent: HTMLElement, shared: XmlFragment): void {
  const { doc, mapping } = initProseMirrorDoc(shared, schema);
  const state = EditorState.create({
    doc,
    plugins: [
      ySyncPlugin(shared, { mapping }),
      yUndoPlugin(),
      keymap({ "Mod-z": undo, "Mod-y": redo, "Shift-Mod-z": redo }),
      keymap({ "Mod-b": toggleMark(schema.marks.strong), "Mod-i": toggleMark(schema.marks.em) }),
      keymap(baseKeymap),
    ],
  });
  new EditorView(parent, { state, attributes: { "aria-labelledby": "rich-title" } });
}

/** CodeMirror on a text of a node. */
import { defaultKeymap } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import type { Text } from "yjs";

export function editPlain(parent: HTMLElement, shared: Text): void {
  const state = EditorState.create({
    doc: shared.toJSON(),
    extensions: [
      keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-labelledby": "plain-title" }),
      yCollab(shared, null),
    ],
  });
  new EditorView({ state, parent });
}

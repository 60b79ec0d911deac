import type { Extension } from "@codemirror/state";
import { Prec } from "@codemirror/state";
import { type Command, EditorView, type KeyBinding, keymap } from "@codemirror/view";

import { config } from "./config.js";
import { selectionOf } from "./selection.js";
import { sync } from "./sync.js";

function takeBack(view: EditorView, what: "undo" | "redo"): boolean {
  const { undoManager } = view.state.facet(config);
  if (undoManager === undefined) return false;
  if (view.state.readOnly || !undoManager[what]()) return true;
  const binding = view.plugin(sync)?.binding;
  const selection = binding && selectionOf(binding, undoManager.restoredSelection);
  if (selection !== undefined) {
    view.dispatch({ selection, scrollIntoView: true, userEvent: `select.${what}` });
  }
  return true;
}

/** Takes back the user's latest edit, and puts the selection where it was. */
export const undo: Command = (view) => takeBack(view, "undo");
export const redo: Command = (view) => takeBack(view, "redo");

export const undoKeymap: readonly KeyBinding[] = [
  { key: "Mod-z", run: undo, preventDefault: true },
  { key: "Mod-y", mac: "Mod-Shift-z", run: redo, preventDefault: true },
  { linux: "Ctrl-Shift-z", run: redo, preventDefault: true },
];

/** Undo by keys and by menus, in front of other key bindings. */
export const undoCommands: Extension = [
  Prec.high(keymap.of(undoKeymap)),
  EditorView.domEventHandlers({
    beforeinput(event, view) {
      if (event.inputType !== "historyUndo" && event.inputType !== "historyRedo") return false;
      event.preventDefault();
      return (event.inputType === "historyUndo" ? undo : redo)(view);
    },
  }),
];

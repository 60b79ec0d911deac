import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { carets } from "./carets.js";
import { lineBreak, mend } from "./changes.js";
import { type Config, config } from "./config.js";
import { publisher } from "./publisher.js";
import { rights } from "./rights.js";
import { sync } from "./sync.js";
import { undoCommands } from "./undo.js";

export { Binding, type BindingOptions, type Editor, fromDocument } from "./binding.js";
export { type Config, type User, colorCount, colorOf } from "./config.js";
export { type PresenceState, identityOf } from "./people.js";
export { anchorsOf, type Positions, selectionOf } from "./selection.js";
export { redo, undo, undoKeymap } from "./undo.js";

/**
 * Makes an editor show a document, and edit it. Begin it with
 * `EditorState.create({ doc: document.toString(), extensions: [cotext({ document })] })`.
 */
export function cotext(values: Config): Extension {
  return [
    config.of(values),
    EditorState.lineSeparator.of(lineBreak),
    EditorView.clipboardInputFilter.of((text) => mend(text)),
    sync,
    rights,
    values.undoManager === undefined ? [] : undoCommands,
    values.open === undefined ? [] : [carets, publisher],
  ];
}

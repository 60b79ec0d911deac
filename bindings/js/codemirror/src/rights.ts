import type { OpenDocument } from "@cotext/core/client";
import { EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, type PluginValue, ViewPlugin } from "@codemirror/view";

import { config } from "./config.js";

const setMayWrite = StateEffect.define<boolean>();

/** Until the server has said what may be done, anything may: it is kept until then. */
function mayWrite(open: OpenDocument | undefined, wasOpened: boolean): boolean {
  if (open === undefined) return true;
  return open.isOpen && (!wasOpened || open.rights.write);
}

const field = StateField.define<boolean>({
  create: (state) => {
    const { open } = state.facet(config);
    return mayWrite(open, open?.isSynced ?? false);
  },
  update: (value, transaction) => {
    for (const effect of transaction.effects) if (effect.is(setMayWrite)) return effect.value;
    return value;
  },
});

class Rights implements PluginValue {
  readonly #stops: (() => void)[] = [];

  constructor(view: EditorView) {
    const { open } = view.state.facet(config);
    if (open === undefined) return;
    const tell = () => {
      const may = mayWrite(open, true);
      if (view.state.field(field) !== may) view.dispatch({ effects: setMayWrite.of(may) });
    };
    this.#stops.push(open.on("opened", tell), open.on("rights", tell), open.on("failed", tell));
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
  }
}

/** Makes the editor read-only while the user may not write, and when the document is closed. */
export const rights: Extension = [
  field,
  EditorState.readOnly.from(field, (may) => !may),
  ViewPlugin.fromClass(Rights),
];

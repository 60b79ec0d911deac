import { type EditorView, type PluginValue, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { ChangeDesc } from "@codemirror/state";

import { Binding } from "./binding.js";
import { config } from "./config.js";

/** So long after a composition the editor has read all of it. */
const settleMs = 60;

class Sync implements PluginValue {
  readonly binding: Binding;

  readonly #view: EditorView;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView) {
    this.#view = view;
    const { document, undoManager } = view.state.facet(config);
    this.binding = new Binding(document, view, {
      undoManager,
      mustWait: (changes) => this.#disturbs(changes),
    });
  }

  update(update: ViewUpdate): void {
    for (const transaction of update.transactions) this.binding.onTransaction(transaction);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.binding.destroy();
  }

  /**
   * Whether changes touch the line in which a text is being composed: to change the DOM there would
   * end that, or make letters appear twice.
   */
  #disturbs(changes: ChangeDesc): boolean {
    const { state } = this.#view;
    if (!this.#view.compositionStarted) return false;
    const line = state.doc.lineAt(state.selection.main.head);
    return changes.touchesRange(line.from, line.to) !== false;
  }

  onCompositionEnd(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.binding.flush(), settleMs);
  }
}

export const sync = ViewPlugin.fromClass(Sync, {
  eventObservers: {
    compositionend() {
      this.onCompositionEnd();
    },
  },
});

import { Writers } from "./identity.js";
import type { Pad } from "./workspace.js";
import type { Identity } from "./identity.js";
import { defaultKeymap } from "@codemirror/commands";
import { search, searchKeymap } from "@codemirror/search";
import {
  Compartment,
  EditorState,
  type Extension,
  StateEffect,
  StateField,
} from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  drawSelection,
  dropCursor,
  highlightSpecialChars,
  keymap,
  placeholder,
} from "@codemirror/view";
import { cotext } from "@cotext/codemirror";
import type { BlameRange } from "@cotext/core";

import { editorTheme } from "./editor_theme.js";

const isDark = matchMedia("(prefers-color-scheme: dark)");

/** An editor in a shadow root, where its styles need no inline style sheet. */
export class PadEditor {
  readonly element = document.createElement("div");
  readonly view: EditorView;
  readonly #darkness = new Compartment();
  readonly #onDarkness = (): void => {
    this.view.dispatch({ effects: this.#darkness.reconfigure(darkness()) });
  };

  constructor(doc: string, extensions: Extension, label: string) {
    this.element.className = "editor";
    const root = this.element.attachShadow({ mode: "open" });
    const state = EditorState.create({
      doc,
      extensions: [
        this.#darkness.of(darkness()),
        editorTheme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "true" }),
        extensions,
      ],
    });
    this.view = new EditorView({ state, parent: root, root });
    isDark.addEventListener("change", this.#onDarkness);
  }

  destroy(): void {
    isDark.removeEventListener("change", this.#onDarkness);
    this.view.destroy();
    this.element.remove();
  }
}

function darkness(): Extension {
  return EditorView.darkTheme.of(isDark.matches);
}

/** The editor of a document, kept in step with it. */
export function padExtensions(pad: Pad, user: Identity): Extension {
  return [
    highlightSpecialChars(),
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    placeholder("Write something. Everybody with this page’s address sees it."),
    search({ top: true }),
    cotext({ document: pad.document, open: pad.open, undoManager: pad.undoManager, user }),
    keymap.of([...defaultKeymap, ...searchKeymap]),
    authorship,
  ];
}

// Who wrote what.

export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly className: string;
}

export const setMarks = StateEffect.define<readonly Mark[]>();

/** Coloured stretches of text. */
export const authorship = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue;
      const ranges = effect.value.map(({ from, to, className }) =>
        Decoration.mark({ class: className }).range(from, to),
      );
      return Decoration.set(ranges, true);
    }
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

export function blameMarks(ranges: readonly BlameRange[], writers: Writers): Mark[] {
  return ranges.map(({ index, length, writer }) => ({
    from: index,
    to: index + length,
    className: `written cm-cotext-color-${writers.who(writer).color}`,
  }));
}

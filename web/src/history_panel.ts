import { authorship, blameMarks, type Mark, PadEditor, setMarks } from "./editor.js";
import type { BlameRange, Delta } from "@cotext/core";
import { EditorState } from "@codemirror/state";

import { h, icon, plural } from "./dom.js";
import { History } from "./history.js";
import type { Pad, Workspace } from "./workspace.js";

const authorsMax = 8;

/** A slider over all versions of a document, and the text at each, coloured by who wrote it. */
export class HistoryPanel {
  readonly element: HTMLElement;
  readonly editor: PadEditor;

  readonly #pad: Pad;
  readonly #workspace: Workspace;
  readonly #history: History;
  readonly #now: Uint8Array;
  readonly #blame: readonly BlameRange[];
  readonly #slider: HTMLInputElement;
  readonly #words = h("output", { class: "history-words" });
  readonly #authors = h("ul", { class: "authors", "aria-label": "Who wrote what" });
  #isDue = false;

  /** Throws if the document has no history, as those of OT. */
  constructor(pad: Pad, workspace: Workspace, onClose: () => void) {
    this.#pad = pad;
    this.#workspace = workspace;
    const { document } = pad;
    const base = document.horizon;
    this.#now = document.encodeStateVector();
    this.#history = new History(document.encodeStateAsUpdate(base), base);
    this.#blame = document.blame();
    const { length } = this.#history;
    this.editor = new PadEditor(
      "",
      [EditorState.lineSeparator.of("\n"), EditorState.readOnly.of(true), authorship],
      "The text at a version",
    );
    this.#slider = h("input", {
      type: "range",
      min: 0,
      max: length,
      value: length,
      "aria-label": "Version",
      input: () => this.#drawSoon(),
    });
    this.element = h(
      "section",
      {
        class: "history",
        "aria-label": "History",
        keydown: (event: KeyboardEvent) => {
          if (event.key === "Escape") onClose();
        },
      },
      h(
        "div",
        { class: "history-row" },
        h("span", { class: "history-title" }, "History"),
        this.#slider,
        this.#words,
        h(
          "button",
          { class: "plain", type: "button", "aria-label": "Close the history", click: onClose },
          icon("close"),
        ),
      ),
      this.#authors,
    );
    this.#draw();
  }

  focus(): void {
    this.#slider.focus();
  }

  destroy(): void {
    this.editor.destroy();
    this.element.remove();
  }

  #drawSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw(): void {
    const at = Number(this.#slider.value);
    const { length } = this.#history;
    const version = at === length ? this.#now : this.#history.versionAt(at);
    const text = this.#pad.document.textAt(version);
    const later = at === length ? [] : this.#pad.document.diff(version, this.#now);
    const marks = this.#marks(later, text.length);
    const { view } = this.editor;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    view.dispatch({ effects: setMarks.of(marks) });
    const writer = this.#history.changeAt(at)?.writer;
    const by =
      at > 0 && writer !== undefined ? `, ${this.#workspace.writers.who(writer).name}` : "";
    this.#words.textContent =
      at === length
        ? `Now, ${plural(length, "edit")}`
        : `Edit ${at.toLocaleString("en")} of ${length.toLocaleString("en")}${by}`;
    this.#drawAuthors();
  }

  /** What is still there has its writer's colour; what went later is struck through. */
  #marks(later: Delta, length: number): Mark[] {
    const kept: BlameRange[] = [];
    const marks: Mark[] = [];
    let [then, now] = [0, 0];
    const keep = (count: number): void => {
      kept.push(...sliceBlame(this.#blame, now, now + count, then - now));
      then += count;
      now += count;
    };
    for (const operation of later) {
      if ("insert" in operation) {
        now += operation.insert.length;
      } else if ("delete" in operation) {
        marks.push({ from: then, to: then + operation.delete, className: "gone" });
        then += operation.delete;
      } else {
        keep(operation.retain);
      }
    }
    keep(length - then);
    return [...marks, ...blameMarks(kept, this.#workspace.writers)];
  }

  #drawAuthors(): void {
    const counts = new Map<string, { color: number; count: number }>();
    for (const { writer, length } of this.#blame) {
      const { name, color } = this.#workspace.writers.who(writer);
      const known = counts.get(name) ?? { color, count: 0 };
      counts.set(name, { color, count: known.count + length });
    }
    const items = [...counts].sort(([, a], [, b]) => b.count - a.count).slice(0, authorsMax);
    this.#authors.replaceChildren(
      ...items.map(([name, { color, count }]) =>
        h(
          "li",
          {},
          h("span", { class: `patch color-${color}` }),
          name,
          h("span", { class: "quiet" }, count.toLocaleString("en")),
        ),
      ),
    );
  }
}

/** Returns the blame of [begin, end), moved. */
function sliceBlame(
  blame: readonly BlameRange[],
  begin: number,
  end: number,
  shift: number,
): BlameRange[] {
  const slice: BlameRange[] = [];
  for (const range of blame) {
    const from = Math.max(range.index, begin);
    const to = Math.min(range.index + range.length, end);
    if (from < to) slice.push({ ...range, index: from + shift, length: to - from });
  }
  return slice;
}

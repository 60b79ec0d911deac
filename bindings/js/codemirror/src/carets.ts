import type { OpenDocument } from "@cotext/core/client";
import type { Extension, Range } from "@codemirror/state";
import { StateEffect } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";

import { config } from "./config.js";
import { type Shown, shownPeople } from "./people.js";
import { sync } from "./sync.js";
import { theme } from "./theme.js";

/** Carets of others, or what is known of them, may have changed. */
const refresh = StateEffect.define<null>();

/** After a composition, when the editor has read all of it. */
const settleMs = 80;

class CaretWidget extends WidgetType {
  readonly #person: Shown;
  /** How often he has moved: his name is shown again each time. */
  readonly #moves: number;

  constructor(person: Shown, moves: number) {
    super();
    this.#person = person;
    this.#moves = moves;
  }

  override eq(other: CaretWidget): boolean {
    const [mine, his] = [this.#person, other.#person];
    return (
      this.#moves === other.#moves &&
      mine.session === his.session &&
      mine.name === his.name &&
      mine.color === his.color &&
      mine.isTyping === his.isTyping
    );
  }

  override toDOM(): HTMLElement {
    const { name, color, isTyping } = this.#person;
    const caret = document.createElement("span");
    caret.className = `cm-cotext-caret cm-cotext-color-${color}`;
    if (isTyping) caret.classList.add("cm-cotext-typing");
    const label = document.createElement("span");
    label.className = "cm-cotext-name";
    label.textContent = name;
    label.setAttribute("aria-hidden", "true");
    // What is no width has to have a line's height all the same.
    caret.append("\u2060", label, "\u2060");
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

class Carets implements PluginValue {
  decorations: DecorationSet = Decoration.none;

  readonly #view: EditorView;
  readonly #open: OpenDocument;
  readonly #stop: () => void;
  readonly #moves = new Map<number, { head: number; count: number }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView) {
    this.#view = view;
    this.#open = view.state.facet(config).open!;
    this.#stop = this.#open.on("presence", () => this.refresh());
    this.#build();
  }

  update(update: ViewUpdate): void {
    const isAsked = update.transactions.some(({ effects }) => effects.some((e) => e.is(refresh)));
    if (!update.docChanged && !isAsked) return;
    // While a text is being composed, nothing may be put beside it.
    if (this.#view.compositionStarted) this.decorations = this.decorations.map(update.changes);
    else this.#build(update);
  }

  refresh(): void {
    this.#view.dispatch({ effects: refresh.of(null) });
  }

  onCompositionEnd(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), settleMs);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #build(update?: ViewUpdate): void {
    const binding = this.#view.plugin(sync)?.binding;
    const state = update?.state ?? this.#view.state;
    if (binding === undefined) return;
    const ranges: Range<Decoration>[] = [];
    for (const person of shownPeople(this.#open, binding)) {
      if (person.head !== undefined)
        this.#show(person, person.head, state.doc.length, update, ranges);
    }
    this.decorations = Decoration.set(ranges, true);
  }

  #show(
    person: Shown,
    said: number,
    length: number,
    update: ViewUpdate | undefined,
    ranges: Range<Decoration>[],
  ): void {
    const head = Math.min(said, length);
    const anchor = Math.min(person.anchor ?? head, length);
    const last = this.#moves.get(person.session);
    const before = last && update ? update.changes.mapPos(last.head) : last?.head;
    const count = (last?.count ?? 0) + (before === head ? 0 : 1);
    this.#moves.set(person.session, { head, count });
    if (anchor !== head) {
      const mark = Decoration.mark({
        class: `cm-cotext-selection cm-cotext-color-${person.color}`,
      });
      ranges.push(mark.range(Math.min(anchor, head), Math.max(anchor, head)));
    }
    const side = head >= anchor ? 1 : -1;
    ranges.push(Decoration.widget({ widget: new CaretWidget(person, count), side }).range(head));
  }
}

const plugin = ViewPlugin.fromClass(Carets, {
  decorations: ({ decorations }) => decorations,
  eventObservers: {
    compositionend() {
      this.onCompositionEnd();
    },
  },
});

/** Shows where others are. */
export const carets: Extension = [plugin, theme];

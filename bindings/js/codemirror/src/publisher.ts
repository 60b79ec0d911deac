import type { OpenDocument } from "@cotext/core/client";
import { type PluginValue, type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

import { fromDocument } from "./binding.js";
import { type User, colorOf, config } from "./config.js";
import { type PresenceState, sayPosition } from "./people.js";
import { sync } from "./sync.js";

/** Who has not typed for so long is not typing. */
const idleMs = 2_500;
/** The server wants to hear it again. */
const repeatMs = 1_000;

class Publisher implements PluginValue {
  readonly #view: EditorView;
  readonly #open: OpenDocument;
  readonly #user: User | undefined;
  readonly #stop: () => void;
  #hadFocus = false;
  #said = "";
  #typingSaidAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView) {
    this.#view = view;
    const { open, user } = view.state.facet(config);
    this.#open = open!;
    this.#user = user;
    this.#stop = this.#open.on("opened", () => {
      this.#said = "";
      this.#say();
    });
    queueMicrotask(() => this.#say());
  }

  update(update: ViewUpdate): void {
    this.#hadFocus ||= this.#view.hasFocus;
    if (update.docChanged || update.selectionSet || update.focusChanged) this.#say();
    const isTyped = update.transactions.some(
      (each) =>
        each.docChanged &&
        each.annotation(fromDocument) === undefined &&
        (each.isUserEvent("input") || each.isUserEvent("delete")),
    );
    if (isTyped) this.#onTyped();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#stop();
    if (this.#user === undefined || !this.#open.isOpen) return;
    this.#open.setPresence(this.#identity());
    this.#open.setTyping(false);
  }

  #identity(): PresenceState {
    const name = this.#user?.name ?? "";
    const identity = { user: name, color: this.#user?.color ?? colorOf(name) };
    const { document } = this.#open;
    return document.engine === "rga" ? { ...identity, writer: document.writer } : identity;
  }

  #say(): void {
    const binding = this.#view.plugin(sync)?.binding;
    if (this.#user === undefined || binding === undefined || !this.#open.isOpen) return;
    let state = this.#identity();
    if (this.#hadFocus) {
      const { anchor, head } = this.#view.state.selection.main;
      state = { ...state, caret: sayPosition(binding, head) };
      if (anchor !== head) state = { ...state, anchor: sayPosition(binding, anchor) };
    }
    const text = JSON.stringify(state);
    if (text === this.#said) return;
    this.#said = text;
    this.#open.setPresence(state);
  }

  #onTyped(): void {
    if (this.#user === undefined || !this.#open.isOpen) return;
    const now = performance.now();
    if (this.#timer === undefined || now - this.#typingSaidAt >= repeatMs) {
      this.#typingSaidAt = now;
      this.#open.setTyping(true);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#open.isOpen) this.#open.setTyping(false);
    }, idleMs);
  }
}

/** Shows others where this editor's user is, and that he types. */
export const publisher = ViewPlugin.fromClass(Publisher);

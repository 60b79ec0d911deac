import type { ChangeEvent, CotextDocument, UndoManager } from "@cotext/core";
import { CotextError } from "@cotext/core";
import {
  Annotation,
  ChangeSet,
  type ChangeDesc,
  type EditorSelection,
  type EditorState,
  Transaction,
  type TransactionSpec,
} from "@codemirror/state";

import { difference, toChanges, toDelta, toText } from "./changes.js";
import { anchorsOf } from "./selection.js";

/** What a binding wants of an editor. */
export interface Editor {
  readonly state: EditorState;
  dispatch(spec: TransactionSpec): void;
}

/** Marks what came out of the document, so that it does not go back into it. */
export const fromDocument = Annotation.define<CotextDocument>();

export interface BindingOptions {
  readonly undoManager?: UndoManager | undefined;
  /** Whether what came now may not be shown yet, as it would disturb the composition of a text. */
  readonly mustWait?: (changes: ChangeDesc) => boolean;
}

/**
 * Keeps the text of an editor and that of a document the same. It needs no DOM.
 *
 * What the editor does is told to `onTransaction`, and goes into the document at once. What the
 * document does goes into the editor at once, or waits: `#ahead` then leads from the editor's text
 * to the document's. Edits here meanwhile go past it, and it past them.
 */
export class Binding {
  readonly document: CotextDocument;

  readonly #editor: Editor;
  readonly #options: BindingOptions;
  readonly #stop: () => void;
  #ahead: ChangeSet | undefined;
  #isEditing = false;
  #isDue = false;
  #isDestroyed = false;

  constructor(document: CotextDocument, editor: Editor, options: BindingOptions = {}) {
    this.document = document;
    this.#editor = editor;
    this.#options = options;
    this.#stop = document.observe((event) => this.#onChange(event));
    options.undoManager?.trackedOrigins.add(this);
    this.#ahead = difference(editor.state.doc, toText(document.toString()));
    if (this.#ahead !== undefined) this.#flushSoon();
  }

  /** Whether something of the document is not shown yet. */
  get isWaiting(): boolean {
    return this.#ahead !== undefined;
  }

  /** Where a position of the editor is in the document. */
  toDocument(position: number): number {
    return this.#ahead?.mapPos(position, -1) ?? position;
  }

  /** Where one of the document is in the editor. */
  toEditor(position: number): number {
    return this.#ahead?.invertedDesc.mapPos(position, -1) ?? position;
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#stop();
    this.#options.undoManager?.trackedOrigins.delete(this);
  }

  // From the editor to the document.

  /** To be told of every transaction, in order. */
  onTransaction(transaction: Transaction): void {
    if (this.#isDestroyed || !transaction.docChanged) return;
    if (transaction.annotation(fromDocument) === this.document) return;
    let { changes } = transaction;
    this.#sayBefore(transaction.startState.selection);
    if (this.#ahead !== undefined) {
      const ahead = this.#ahead.map(changes, true);
      changes = changes.map(this.#ahead);
      this.#ahead = ahead;
    }
    const { delta, isMended } = toDelta(changes);
    let isWhole = !isMended;
    this.#isEditing = true;
    try {
      this.document.transact(() => this.document.applyDelta(delta), this);
    } catch (error) {
      // A change that cuts a character in two is the editor's, and is taken back there.
      if (!(error instanceof CotextError) || error.code !== "inside_character") throw error;
      isWhole = false;
    } finally {
      this.#isEditing = false;
    }
    if (!isWhole) this.#align(transaction.newDoc);
    this.#sayAfter(transaction.newSelection);
  }

  /** Makes the text of the editor that of the document again. */
  #align(text: EditorState["doc"]): void {
    this.#ahead = difference(text, toText(this.document.toString()));
    if (this.#ahead !== undefined) this.#flushSoon();
  }

  #sayBefore(selection: EditorSelection): void {
    this.#options.undoManager?.setSelection("before", anchorsOf(this, selection));
  }

  #sayAfter(selection: EditorSelection): void {
    this.#options.undoManager?.setSelection("after", anchorsOf(this, selection));
  }

  // From the document to the editor.

  #onChange(event: ChangeEvent): void {
    if (event.origin === this) return;
    const { ahead, length } = this.#lengths();
    const changes = toChanges(event.delta, length);
    this.#ahead = ahead === undefined ? changes : ahead.compose(changes);
    // An editor does not take changes while it tells of some.
    if (this.#isEditing) this.#flushSoon();
    else this.#show(event.kind === "undo" ? "undo" : "remote");
  }

  #lengths(): { ahead: ChangeSet | undefined; length: number } {
    const ahead = this.#ahead;
    return { ahead, length: ahead?.newLength ?? this.#editor.state.doc.length };
  }

  /** Shows what waits, if it may be shown. */
  flush(): void {
    this.#show("remote");
  }

  #show(userEvent: string): void {
    const changes = this.#ahead;
    if (changes === undefined || this.#isDestroyed) return;
    if (this.#options.mustWait?.(changes.desc)) return;
    this.#ahead = undefined;
    this.#editor.dispatch({
      changes,
      annotations: [
        fromDocument.of(this.document),
        Transaction.addToHistory.of(false),
        Transaction.remote.of(userEvent === "remote"),
        Transaction.userEvent.of(userEvent),
      ],
      filter: false,
    });
  }

  #flushSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.flush();
    });
  }
}

import type { CotextDocument, UndoManager } from "@cotext/core";
import type { OpenDocument } from "@cotext/core/client";
import { Facet } from "@codemirror/state";

/** As whom others see the user of this editor. */
export interface User {
  readonly name: string;
  /** One of the twelve colours, 0 to 11; by the name if it is not said. */
  readonly color?: number;
}

export interface Config {
  readonly document: CotextDocument;
  /** Where it is open, for rights, for carets and for who types; undefined: nowhere. */
  readonly open?: OpenDocument | undefined;
  readonly undoManager?: UndoManager | undefined;
  /** Nothing: the editor shows others, and is not shown to them. */
  readonly user?: User | undefined;
}

/** What the parts of the extension have in common. */
export const config = Facet.define<Config, Config>({
  combine: (values) => values[0]!,
});

export const colorCount = 12;

/** A colour for a name, the same for everybody. */
export function colorOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; ++i) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) >>> 0;
  return hash % colorCount;
}

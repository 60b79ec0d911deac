import type { OpenDocument, Person } from "@cotext/core/client";

import { colorCount, colorOf } from "./config.js";
import { type Positions, anchorAt, positionOf } from "./selection.js";

/**
 * What an editor shows of its user. Carets are anchors, in hexadecimal; OT has none that others
 * understand, so there they are UTF-16 units of the text that its user sees.
 */
export interface PresenceState {
  readonly user: string;
  readonly color: number;
  /** The id under which he writes here; of RGA. */
  readonly writer?: number;
  /** Where the selection ends, at which typing goes on. */
  readonly caret?: string | { readonly utf16: number };
  /** Where it began; left out where that is the same. */
  readonly anchor?: string | { readonly utf16: number };
}

/** Somebody else, as he is to be shown. */
export interface Shown {
  readonly session: number;
  readonly name: string;
  readonly color: number;
  readonly isTyping: boolean;
  /** In the editor; undefined: he has no caret here. */
  readonly head: number | undefined;
  readonly anchor: number | undefined;
}

const nameMax = 64;

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2}){1,32}$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g)!, (byte) => parseInt(byte, 16));
}

export function sayPosition(positions: Positions, at: number): string | { utf16: number } {
  if (positions.document.engine === "ot") return { utf16: positions.toDocument(at) };
  return toHex(anchorAt(positions, at));
}

function hear(positions: Positions, said: unknown): number | undefined {
  if (typeof said === "string") {
    const anchor = fromHex(said);
    return anchor && positionOf(positions, anchor);
  }
  const at = (said as { utf16?: unknown } | null | undefined)?.utf16;
  if (!Number.isSafeInteger(at) || (at as number) < 0) return undefined;
  return positions.toEditor(Math.min(at as number, positions.document.length));
}

/** Returns the name and the colour of somebody, whatever his program shows. */
export function identityOf(person: Person): { name: string; color: number } {
  const state = person.state as { user?: unknown; color?: unknown } | null | undefined;
  const said = typeof state?.user === "string" ? state.user.trim().slice(0, nameMax) : "";
  const name = said || person.user || `Guest ${person.session}`;
  const { color } = state ?? {};
  const isColor =
    Number.isInteger(color) && (color as number) >= 0 && (color as number) < colorCount;
  return { name, color: isColor ? (color as number) : colorOf(name) };
}

/** Returns where everybody else is. */
export function shownPeople(open: OpenDocument, positions: Positions): Shown[] {
  return open.present.map((person) => {
    const state = person.state as { caret?: unknown; anchor?: unknown } | null | undefined;
    const head = hear(positions, state?.caret);
    const anchor = state?.anchor === undefined ? head : hear(positions, state.anchor);
    const { session, isTyping } = person;
    return { session, ...identityOf(person), isTyping, head, anchor };
  });
}

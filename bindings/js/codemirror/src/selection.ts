import type { CotextDocument, Selection } from "@cotext/core";
import { CotextError } from "@cotext/core";
import { EditorSelection } from "@codemirror/state";

/** What knows where positions of the editor are in the document, and the other way round. */
export interface Positions {
  readonly document: CotextDocument;
  toDocument(position: number): number;
  toEditor(position: number): number;
}

/** Selections with more ranges are said by their main one. */
const rangesMax = 100;

/** Returns a selection as anchors: of each range where it began and where the caret is. */
export function anchorsOf(positions: Positions, selection: EditorSelection): Selection {
  const ranges = selection.ranges.length > rangesMax ? [selection.main] : selection.ranges;
  const main = ranges.indexOf(selection.main);
  const anchors = ranges.flatMap(({ anchor, head }) => [
    anchorAt(positions, anchor),
    anchorAt(positions, head),
  ]);
  return { anchors, data: Uint8Array.of(main) };
}

/** An editor's carets stay in front of what others insert there, and so do these. */
export function anchorAt(positions: Positions, position: number): Uint8Array<ArrayBuffer> {
  const { document } = positions;
  const at = Math.min(positions.toDocument(position), document.length);
  try {
    return document.createAnchor(at, "before");
  } catch (error) {
    // Inside a character there are none; in front of it there are.
    if (!(error instanceof CotextError) || error.code !== "inside_character") throw error;
    return document.createAnchor(at - 1, "before");
  }
}

/** Returns the selection that anchors say, undefined if they are none or no longer known. */
export function selectionOf(
  positions: Positions,
  selection: Selection,
): EditorSelection | undefined {
  const { anchors, data } = selection;
  if (anchors.length === 0 || anchors.length % 2 !== 0) return undefined;
  const at: number[] = [];
  for (const anchor of anchors) {
    const position = positionOf(positions, anchor);
    if (position === undefined) return undefined;
    at.push(position);
  }
  const ranges = [];
  for (let i = 0; i < at.length; i += 2) ranges.push(EditorSelection.range(at[i]!, at[i + 1]!));
  return EditorSelection.create(ranges, Math.min(data?.[0] ?? 0, ranges.length - 1));
}

/** Where an anchor is in the editor; undefined if its character is not here, or not any more. */
export function positionOf(positions: Positions, anchor: Uint8Array): number | undefined {
  try {
    return positions.toEditor(positions.document.resolveAnchor(anchor));
  } catch (error) {
    if (!(error instanceof CotextError)) throw error;
    return undefined;
  }
}

import type { Delta, DeltaOperation } from "@cotext/core";
import { ChangeSet, type ChangeSpec, Text } from "@codemirror/state";

/** Of texts here and in the document alike: one break counts as one, and it is "\n". */
export const lineBreak = "\n";

/** Returns a text as an editor has it: in lines that end in "\n", whatever else is in them. */
export function toText(text: string): Text {
  return Text.of(text.split(lineBreak));
}

/** Returns a delta as changes of a text of that length. */
export function toChanges(delta: Delta, length: number): ChangeSet {
  const changes: { from: number; to?: number; insert?: Text }[] = [];
  let at = 0;
  for (const operation of delta) {
    if ("insert" in operation) {
      changes.push({ from: at, insert: toText(operation.insert) });
    } else if ("delete" in operation) {
      changes.push({ from: at, to: at + operation.delete });
      at += operation.delete;
    } else {
      at += operation.retain;
    }
  }
  return ChangeSet.of(changes as ChangeSpec, length);
}

/** Returns changes as a delta, and whether a text in it had to be mended for that. */
export function toDelta(changes: ChangeSet): { delta: Delta; isMended: boolean } {
  const delta: DeltaOperation[] = [];
  let at = 0;
  let isMended = false;
  changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    if (fromA > at) delta.push({ retain: fromA - at });
    if (inserted.length > 0) {
      const text = inserted.toString();
      const mended = mend(text);
      isMended ||= mended !== text;
      delta.push({ insert: mended });
    }
    if (toA > fromA) delta.push({ delete: toA - fromA });
    at = toA;
  });
  return { delta, isMended };
}

const unpaired = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Returns a text as a document may have it: ends of lines are "\n", and no character is half. */
export function mend(text: string): string {
  return text.replace(/\r\n?/g, lineBreak).replace(unpaired, "\ufffd");
}

/** Returns one change that makes `before` into `after`, undefined if they are the same. */
export function difference(before: Text, after: Text): ChangeSet | undefined {
  if (before.eq(after)) return undefined;
  const [old, text] = [before.toString(), after.toString()];
  const shorter = Math.min(old.length, text.length);
  let begin = 0;
  while (begin < shorter && old[begin] === text[begin]) ++begin;
  let end = 0;
  while (end < shorter - begin && old[old.length - 1 - end] === text[text.length - 1 - end]) ++end;
  const insert = toText(text.slice(begin, text.length - end));
  return ChangeSet.of({ from: begin, to: old.length - end, insert }, old.length);
}

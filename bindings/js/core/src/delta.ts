import { Reader } from "./bytes.js";
import type { Core } from "./core.js";
import { CotextError } from "./errors.js";

/**
 * One step of a delta, which goes from the beginning of a text to its end, as Quill writes them.
 * Counts are UTF-16 units. Attributes are formats, which a plain text does not have: they are
 * passed over.
 */
export type DeltaOperation =
  | { readonly retain: number; readonly attributes?: object | null }
  | { readonly insert: string; readonly attributes?: object | null }
  | { readonly delete: number };

export type Delta = DeltaOperation[];

const kinds = { retain: 0, insert: 1, delete: 2 } as const;
type Kind = keyof typeof kinds;
const names: readonly Kind[] = ["retain", "insert", "delete"];

interface Component {
  kind: Kind;
  count: number;
  text: string;
}

const componentBytes = 24;

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function readOperation(operation: DeltaOperation, index: number): Component {
  const known = names.filter((name) => operation !== null && name in Object(operation));
  const kind = known[0];
  if (known.length === 1 && kind !== undefined) {
    const value = (operation as Record<Kind, unknown>)[kind];
    if (kind === "insert" && typeof value === "string") return { kind, count: 0, text: value };
    if (kind !== "insert" && isCount(value)) return { kind, count: value, text: "" };
  }
  throw new CotextError("invalid_delta", `operation ${index} is no retain, insert or delete`);
}

/** Returns the normal form: no step is empty or of its neighbour's kind, and the last is no retain. */
function normalize(delta: readonly DeltaOperation[]): Component[] {
  const components: Component[] = [];
  delta.forEach((operation, index) => {
    const next = readOperation(operation, index);
    const last = components[components.length - 1];
    if (next.count === 0 && next.text === "") return;
    if (last?.kind === next.kind) {
      last.count += next.count;
      last.text += next.text;
    } else {
      components.push(next);
    }
  });
  if (components[components.length - 1]?.kind === "retain") components.pop();
  return components;
}

/**
 * Puts a delta into memory as the components of a cotext_delta, in code points, and returns the
 * address of that.
 *
 * @internal
 */
export function putDelta(
  core: Core,
  delta: readonly DeltaOperation[],
  toCodePoint: (at: number) => number,
): number {
  const components = normalize(delta);
  const address = core.reserve(components.length * componentBytes);
  let units = 0;
  let codePoints = 0;
  components.forEach((component, i) => {
    const at = address + i * componentBytes;
    let count = 0;
    let text = 0;
    let textSize = 0;
    if (component.kind === "insert") {
      text = core.putText(component.text);
      textSize = core.size;
    } else {
      units += component.count;
      const end = toCodePoint(units);
      count = end - codePoints;
      codePoints = end;
    }
    const view = core.view();
    view.setInt32(at, kinds[component.kind], true);
    view.setBigUint64(at + 8, BigInt(count), true);
    view.setUint32(at + 16, text, true);
    view.setUint32(at + 20, textSize, true);
  });
  const whole = core.reserve(8);
  core.view().setUint32(whole, address, true);
  core.view().setUint32(whole + 4, components.length, true);
  return whole;
}

/** Reads components as shown_exports.cc writes them. @internal */
export function readDelta(reader: Reader): { delta: Delta; deleted: string[] } {
  const delta: Delta = [];
  const deleted: string[] = [];
  for (let left = reader.number32(); left > 0; --left) {
    const kind = names[reader.number32()];
    const count = reader.number64();
    const text = reader.text();
    if (kind === "insert") {
      delta.push({ insert: text });
    } else if (kind === "delete") {
      delta.push({ delete: count });
      deleted.push(text);
    } else {
      delta.push({ retain: count });
    }
  }
  return { delta, deleted };
}

/**
 * Returns a delta that counts code points as one that counts UTF-16 units. `base` is the text that
 * it applies to.
 *
 * @internal
 */
export function toUtf16(delta: Delta, base: string): Delta {
  let at = 0;
  const measure = (codePoints: number): number => {
    const begin = at;
    for (let i = 0; i < codePoints; ++i) at += base.codePointAt(at)! > 0xffff ? 2 : 1;
    return at - begin;
  };
  return delta.map((operation) => {
    if ("insert" in operation) return operation;
    if ("delete" in operation) return { delete: measure(operation.delete) };
    return { retain: measure(operation.retain) };
  });
}

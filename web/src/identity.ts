import { colorCount } from "@cotext/codemirror";

export interface Identity {
  name: string;
  color: number;
}

const key = "cotext.identity";
const moods = ["Brisk", "Calm", "Clever", "Gentle", "Keen", "Lively", "Patient", "Quiet", "Wry"];
const animals = ["Badger", "Crane", "Finch", "Fox", "Heron", "Lynx", "Marten", "Otter", "Wren"];

function oneOf<Value>(values: readonly Value[]): Value {
  return values[Math.floor(Math.random() * values.length)]!;
}

/** The user as others see him: what this browser remembers, or made up. */
export function readIdentity(): Identity {
  try {
    const { name, color } = JSON.parse(localStorage.getItem(key) ?? "null") as Identity;
    if (typeof name === "string" && Number.isInteger(color)) return { name, color };
  } catch {
    // There is none, or nothing may be stored.
  }
  const made = {
    name: `${oneOf(moods)} ${oneOf(animals)}`,
    color: Math.floor(Math.random() * colorCount),
  };
  writeIdentity(made);
  return made;
}

export function writeIdentity(identity: Identity): void {
  try {
    localStorage.setItem(key, JSON.stringify(identity));
  } catch {
    // It is for this page only, then.
  }
}

/** Names of those who were seen here, by the numbers under which they wrote. */
export class Writers {
  readonly #known = new Map<number, Identity>();

  learn(writer: unknown, identity: Identity): void {
    if (Number.isSafeInteger(writer)) this.#known.set(writer as number, identity);
  }

  /** Somebody who was not seen has a number for a name, and some colour. */
  who(writer: number): Identity {
    const known = this.#known.get(writer);
    return known ?? { name: `Writer ${writer.toString(36).slice(-4)}`, color: writer % colorCount };
  }
}

// The RGA as plainly as it can be said (docs/CRDT.md): a list of all characters ever inserted, and
// of operations. What the package merges is compared with it.

const isGreater = (left, right) =>
  left.counter !== right.counter ? left.counter > right.counter : left.replica > right.replica;
const isSame = (left, right) => left.counter === right.counter && left.replica === right.replica;

export class FlatRga {
  #elements = [];
  #counter = 0;
  #known = new Set();

  constructor(replica) {
    this.replica = replica;
  }

  get text() {
    return this.#elements.map((element) => (element.isDeleted ? "" : element.character)).join("");
  }

  /** Puts a text in place of `count` characters, and returns the operations. */
  replace(begin, count, text) {
    const visible = this.#elements.filter((element) => !element.isDeleted);
    const operations = [];
    for (const { id } of visible.slice(begin, begin + count)) {
      operations.push({ kind: "delete", id: this.#nextId(), target: id });
    }
    let origin = visible[begin - 1]?.id;
    for (const character of text) {
      const id = this.#nextId();
      operations.push({ kind: "insert", id, origin, character });
      origin = id;
    }
    operations.forEach((operation) => this.merge(operation));
    return operations;
  }

  #nextId() {
    return { counter: ++this.#counter, replica: this.replica };
  }

  merge(operation) {
    const { id } = operation;
    const name = `${id.counter}@${id.replica}`;
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.#counter = Math.max(this.#counter, id.counter);
    if (operation.kind === "delete") {
      this.#elements.find((element) => isSame(element.id, operation.target)).isDeleted = true;
      return;
    }
    const { origin } = operation;
    let at = 0;
    if (origin) at = 1 + this.#elements.findIndex((element) => isSame(element.id, origin));
    while (at < this.#elements.length && isGreater(this.#elements[at].id, id)) ++at;
    this.#elements.splice(at, 0, { id, character: operation.character, isDeleted: false });
  }
}

// Traces that are hard for some data structure or other, of any size. None depends on how an engine
// orders concurrent inserts at one place: where there are any, all insert the same character.

export const SIZES = [1000, 10000];

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

// A generator of the same numbers everywhere (Marsaglia's xorshift).
function randomFrom(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

// Collects the patches of one author, a transaction each, and the text that they make.
class Author {
  constructor(text = '') {
    this.text = [...text];
    this.patches = [];
  }
  edit(position, deleted, inserted) {
    this.text.splice(position, deleted, ...inserted);
    this.patches.push([position, deleted, inserted]);
  }
}

function sequential(author) {
  const txns = author.patches.map((patch) => ({ patches: [patch] }));
  return { startContent: '', endContent: author.text.join(''), txns };
}

function prepend(n) {
  const author = new Author();
  for (let i = 0; i < n; i++) author.edit(0, 0, LETTERS[i % 26]);
  return sequential(author);
}

function pingPong(n) {
  const author = new Author();
  author.edit(0, 0, 'ab');
  for (let i = 0; i < n; i += 2) {
    author.edit(1, 0, 'x');
    author.edit(1, 1, '');
  }
  return sequential(author);
}

function splitOneRun(n) {
  const random = randomFrom(n);
  const author = new Author();
  author.edit(0, 0, 'a'.repeat(4 * n));
  for (let i = 0; i < n; i++) author.edit(random(author.text.length + 1), 0, 'b');
  return sequential(author);
}

function scattered(n, author = new Author(), random = randomFrom(n)) {
  for (let i = 0; i < n; i++) {
    const length = author.text.length;
    if (length > 0 && random(4) === 0) author.edit(random(length), 1, '');
    else author.edit(random(length + 1), 0, LETTERS[random(26)]);
  }
  return author;
}

// n authors who do not know each other, a character each; then one merges all.
function siblings(n) {
  const txns = Array.from({ length: n }, (_, agent) => ({ parents: [], agent, patches: [[0, 0, 'a']] }));
  txns.push({ parents: txns.map((_, i) => i), agent: 0, patches: [] });
  return { kind: 'concurrent', endContent: 'a'.repeat(n), numAgents: n, txns };
}

// Two authors edit a half each, n / 2 times, and hear of each other only then. What separates the
// halves is edited by neither.
function twoBranches(n) {
  const middle = '-'.repeat(100);
  const left = scattered(n / 2, new Author('x'), randomFrom(n));
  const right = scattered(n / 2, new Author('x'), randomFrom(n + 1));
  const offset = 1 + middle.length;
  const txns = [{ parents: [], agent: 0, patches: [[0, 0, `x${middle}x`]] }];
  for (let i = 0; i < n / 2; i++) {
    const shifted = [right.patches[i][0] + offset, ...right.patches[i].slice(1)];
    txns.push({ parents: [i === 0 ? 0 : 2 * i - 1], agent: 0, patches: [left.patches[i]] });
    txns.push({ parents: [2 * i], agent: 1, patches: [shifted] });
  }
  txns.push({ parents: [txns.length - 2, txns.length - 1], agent: 0, patches: [] });
  const endContent = left.text.join('') + middle + right.text.join('');
  return { kind: 'concurrent', endContent, numAgents: 2, txns };
}

export const CASES = {
  prepend: { make: prepend, mode: 'local' },
  ping_pong: { make: pingPong, mode: 'local' },
  split_one_run: { make: splitOneRun, mode: 'local' },
  scattered: { make: (n) => sequential(scattered(n)), mode: 'local' },
  siblings: { make: siblings, mode: 'merge' },
  two_branches: { make: twoBranches, mode: 'merge' },
};

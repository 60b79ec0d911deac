// ShareDB's type for plain text. A type has no server and no history: what a server does with it is
// done here, for up to two authors. Each sends his operations as JSON, as ShareDB does, with the number
// of the other's that he had seen; the server transforms each past the other's that he had not.
import ot from 'ot-text-unicode';

const { type } = ot;

export const about = {
  name: 'ot-text-unicode',
  package: 'ot-text-unicode',
  local: 'each patch as an operation, applied to a string; no history is kept',
  merge:
    'each transaction as an operation in JSON, parsed, transformed by a server past those of the other author that its author had not seen, ' +
    'and applied to a string; only for up to two authors, who take their turns in the order of the trace',
  batch: 'the same, all operations in one JSON array',
};

function operationOf([position, deleted, inserted]) {
  const operation = [];
  if (position > 0) operation.push(position);
  if (inserted) operation.push(inserted);
  if (deleted > 0) operation.push({ d: deleted });
  return operation;
}

// `unseen` of an author: what the other did and he had not seen, as it applies to what he sees;
// `seen`: how many there were before those.
export const create = () => ({ content: '', authors: [0, 1].map(() => ({ seen: 0, unseen: [] })) });

export function edit(document, patches) {
  let { content } = document;
  for (const patch of patches) content = type.apply(content, operationOf(patch));
  document.content = content;
}
export const text = ({ content }) => content;

// Returns every transaction's message; nothing where there are more authors.
export function messagesOf({ txns }) {
  if (txns.some(({ agent = 0 }) => agent > 1)) return undefined;
  // Of both authors, how many messages there are up to each transaction, its ancestors' and its own.
  const known = [];
  const messages = [];
  for (const [index, { agent = 0, parents = index ? [index - 1] : [], patches }] of txns.entries()) {
    const counts = [0, 1].map((author) => Math.max(0, ...parents.map((parent) => known[parent][author])));
    known.push(counts);
    if (patches.length === 0) continue;
    const seen = counts[1 - agent];
    counts[agent]++;
    const op = patches.map(operationOf).reduce(type.compose);
    messages.push(JSON.stringify({ src: agent, seen, op }));
  }
  return messages;
}

function receiveMessage(document, { src, seen, op }) {
  const [author, other] = [document.authors[src], document.authors[1 - src]];
  author.unseen.splice(0, seen - author.seen);
  author.seen = seen;
  const [side, others_side] = src === 0 ? ['left', 'right'] : ['right', 'left'];
  for (let i = 0; i < author.unseen.length; i++) {
    const unseen = author.unseen[i];
    author.unseen[i] = type.transform(unseen, op, others_side);
    op = type.transform(op, unseen, side);
  }
  document.content = type.apply(document.content, op);
  other.unseen.push(op);
}

export const receive = (document, message) => receiveMessage(document, JSON.parse(message));
export const historyOf = (messages) => `[${messages.join(',')}]`;
export function receiveHistory(document, history) {
  for (const message of JSON.parse(history)) receiveMessage(document, message);
}

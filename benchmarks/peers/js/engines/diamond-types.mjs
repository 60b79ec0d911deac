import dt from 'diamond-types-node';

export const about = {
  name: 'diamond-types-node',
  package: 'diamond-types-node',
  inputs: 'diamond-types',
  local: 'each patch into the log and the rope',
  merge: 'each update (made by the Rust build) decoded into the log and merged into the rope (mergeBytes)',
  batch: 'the whole log decoded and merged once',
  load: 'the whole log, decoded and merged, since no state is saved',
};

export const create = () => ({ doc: new dt.Doc('reader') });
export function edit({ doc }, patches) {
  for (const [position, deleted, inserted] of patches) {
    if (deleted > 0) doc.del(position, deleted);
    if (inserted) doc.ins(position, inserted);
  }
}
export const text = ({ doc }) => doc.get();
export const receive = ({ doc }, update) => doc.mergeBytes(update);
export const receiveHistory = receive;
export const save = ({ doc }) => doc.toBytes();
export const length = ({ doc }) => doc.len();
export const load = (saved) => ({ doc: dt.Doc.fromBytes(saved, 'reader') });
export const free = ({ doc }) => doc.free();

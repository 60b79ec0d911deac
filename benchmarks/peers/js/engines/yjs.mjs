import * as Y from 'yjs';

const READER = 2 ** 40;
const PATCHES_PER_TRANSACTION = 100;

export const about = {
  name: 'yjs',
  package: 'yjs',
  inputs: 'yrs',
  local: 'transactions of a hundred patches, which is faster than one for each or one for all',
  merge: 'each update (v1, made by yrs) applied on its own; deleted text is dropped as it goes, which is its default',
  batch: 'one update (v1) of a document that never dropped anything: every insert with its origins, and all deletes as one set of ranges; not the deletes one by one',
  load: 'one update (v1) of a document without deleted text, applied; the text read from there',
  utf16: true,
  heap: true,
};

export function create() {
  const doc = new Y.Doc();
  doc.clientID = READER;
  return { doc, content: doc.getText('text') };
}
export function edit({ doc, content }, patches) {
  for (let begin = 0; begin < patches.length; begin += PATCHES_PER_TRANSACTION) {
    doc.transact(() => {
      for (const [position, deleted, inserted] of patches.slice(begin, begin + PATCHES_PER_TRANSACTION)) {
        if (deleted > 0) content.delete(position, deleted);
        if (inserted) content.insert(position, inserted);
      }
    });
  }
}
export const text = ({ content }) => content.toString();
export const receive = ({ doc }, update) => Y.applyUpdate(doc, update);
export const receiveHistory = receive;
export const save = ({ doc }) => Y.encodeStateAsUpdate(doc);
export const length = ({ content }) => content.length;
export function load(saved) {
  const document = create();
  receive(document, saved);
  return document;
}

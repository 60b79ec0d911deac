import loro from 'loro-crdt';

const READER = String(2n ** 40n);

export const about = {
  name: 'loro-js',
  package: 'loro-crdt',
  inputs: 'loro',
  local: 'all patches in one transaction',
  merge: 'each update (made by the Rust build) imported on its own',
  batch: 'all updates in one export, imported at once',
  load: 'a snapshot imported, the text read; editable: and a character inserted',
  utf16: true,
};

export function create() {
  const doc = new loro.LoroDoc();
  doc.setPeerId(READER);
  return { doc, content: doc.getText('text') };
}
export function edit({ doc, content }, patches) {
  for (const [position, deleted, inserted] of patches) {
    if (deleted > 0) content.delete(position, deleted);
    if (inserted) content.insert(position, inserted);
  }
  doc.commit();
}
export const text = ({ content }) => content.toString();
export const receive = ({ doc }, update) => doc.import(update);
export const receiveHistory = receive;
export const save = ({ doc }) => doc.export({ mode: 'snapshot' });
export const length = ({ content }) => content.length;
export function load(saved) {
  const document = create();
  receive(document, saved);
  return document;
}
export function free({ doc, content }) {
  content.free();
  doc.free();
}

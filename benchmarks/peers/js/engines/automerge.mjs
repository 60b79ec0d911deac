import * as A from '@automerge/automerge';

export const about = {
  name: 'automerge-js',
  package: '@automerge/automerge',
  inputs: 'automerge',
  local: 'all patches in one change',
  merge: 'each change (made by the Rust build) applied on its own (applyChanges)',
  batch: 'all changes applied in one call (applyChanges)',
  load: 'its document format, loaded; the text read from there',
  utf16: true,
  packed: true,
};

// `base` is the change that makes the text, which all documents share.
export const create = (base) => ({
  doc: base ? A.applyChanges(A.init(), [base])[0] : A.from({ text: '' }),
});
export function edit(document, patches) {
  document.doc = A.change(document.doc, (draft) => {
    for (const [position, deleted, inserted] of patches) {
      A.splice(draft, ['text'], position, deleted, inserted);
    }
  });
}
export const text = ({ doc }) => doc.text.toString();
export function receive(document, update) {
  document.doc = A.applyChanges(document.doc, [update])[0];
}
export function receiveHistory(document, updates) {
  document.doc = A.applyChanges(document.doc, updates)[0];
}
export const save = ({ doc }) => A.save(doc);
export const length = ({ doc }) => doc.text.length;
export const load = (saved) => ({ doc: A.load(saved) });
export const free = ({ doc }) => A.free(doc);

// This repository's engine as a WebAssembly module, by its npm package.
import { load as loadModule } from '@cotext/core';

const cotext = await loadModule();
const READER = 2 ** 40;

export const about = {
  name: 'cotext-js',
  package: '@cotext/core',
  inputs: 'cotext',
  local: 'all patches in one transaction',
  merge: 'each update (made by the native build) merged on its own',
  batch: 'the whole history in one update, without compression, merged at once',
  load: 'a document file without compression; the text read from there; editable: unpacked, and a character inserted',
  utf16: true,
};

export const create = () => ({ doc: cotext.createDocument({ writer: READER }) });
export function edit({ doc }, patches) {
  doc.transact(() => {
    for (const [position, deleted, inserted] of patches) doc.replace(position, deleted, inserted);
  });
}
export const text = ({ doc }) => doc.toString();
export const receive = ({ doc }, update) => doc.applyUpdate(update);
export const receiveHistory = receive;
export const save = ({ doc }) => doc.save();
export const length = ({ doc }) => doc.length;
export const load = (saved) => ({ doc: cotext.openDocument(saved, { writer: READER }) });
export const free = ({ doc }) => doc.free();

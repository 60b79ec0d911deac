import ot from 'ot-text-unicode';

const { type } = ot;

export const about = {
  name: 'ot-text-unicode',
  package: 'ot-text-unicode',
  local: 'each patch as an operation, applied to a string; no history is kept',
};

export const create = () => ({ content: '' });
export function edit(document, patches) {
  let { content } = document;
  for (const [position, deleted, inserted] of patches) {
    const operation = [];
    if (position > 0) operation.push(position);
    if (inserted) operation.push(inserted);
    if (deleted > 0) operation.push({ d: deleted });
    content = type.apply(content, operation);
  }
  document.content = content;
}
export const text = ({ content }) => content;

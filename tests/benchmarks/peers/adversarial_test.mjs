// Replays the traces in the plainest way, whatever order concurrent inserts at one place get.
// Usage: node adversarial_test.mjs ADVERSARIAL
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { CASES } = await import(pathToFileURL(resolve(process.argv[2])).href);

// Every character as an object, in one list that only grows; `descending` puts concurrent inserts at
// one place the other way round.
function replay({ kind, txns }, descending) {
  const list = [];
  const seen_by = [];
  for (const [index, { parents = index ? [index - 1] : [], patches }] of txns.entries()) {
    const seen = new Set(parents.flatMap((parent) => [...seen_by[parent]]));
    const visible = () => list.filter((item) => seen.has(item.inserted) && ![...item.deleted].some((by) => seen.has(by)));
    seen.add(index);
    for (const [position, deleted, inserted] of patches) {
      const now = visible();
      assert.ok(position + deleted <= now.length, `transaction ${index} is out of range`);
      for (const item of now.slice(position, position + deleted)) item.deleted.add(index);
      let place = position === 0 ? 0 : list.indexOf(now[position - 1]) + 1;
      while (descending && place < list.length && !seen.has(list[place].inserted)) place++;
      list.splice(place, 0, ...[...inserted].map((character) => ({ character, inserted: index, deleted: new Set() })));
    }
    seen_by.push(seen);
    if (index === txns.length - 1) return visible().map(({ character }) => character).join('');
  }
}

for (const [name, { make, mode }] of Object.entries(CASES)) {
  const trace = make(60);
  assert.equal(trace.kind === 'concurrent', mode === 'merge', name);
  const edits = trace.txns.flatMap(({ patches }) => patches).length;
  assert.ok(edits >= 60 && edits <= 62, `${name} has ${edits} edits`);
  for (const descending of [false, true]) assert.equal(replay(trace, descending), trace.endContent, name);
  assert.deepEqual(make(60), trace, `${name} is another one each time`);
}

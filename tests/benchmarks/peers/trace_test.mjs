// Usage: node trace_test.mjs TRACE_MODULE
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const { patchesInUtf16, readTrace } = await import(pathToFileURL(resolve(process.argv[2])).href);
const folder = mkdtempSync(join(process.env.TEST_TMPDIR ?? tmpdir(), 'trace'));
function write(name, trace, pack = (json) => json) {
  const path = join(folder, name);
  writeFileSync(path, pack(JSON.stringify(trace)));
  return path;
}

const sequential = { startContent: '', endContent: 'b\u{1f600}c', txns: [
  { patches: [[0, 0, 'a\u{1f600}\u{1f600}c']] },
  { patches: [[0, 1, 'b'], [2, 1, '']] },
] };
for (const path of [write('t.json', sequential), write('t.json.gz', sequential, gzipSync)]) {
  const trace = readTrace(path);
  assert.equal(trace.linear, true);
  assert.equal(trace.transactions, 2);
  let text = '';
  for (const [position, deleted, inserted] of patchesInUtf16(trace)) {
    text = text.slice(0, position) + inserted + text.slice(position + deleted);
  }
  assert.equal(text, trace.end);
}

const concurrent = { kind: 'concurrent', numAgents: 2, endContent: '', txns: [
  { parents: [], agent: 0, patches: [[0, 0, '\u{1f600}']] },
  { parents: [], agent: 1, patches: [[0, 0, 'b']] },
] };
const trace = readTrace(write('c.json', concurrent));
assert.equal(trace.linear, false);
assert.throws(() => patchesInUtf16(trace), /beyond ASCII/);
assert.throws(() => readTrace(write('s.json', { ...sequential, startContent: 'x' })), /begin empty/);

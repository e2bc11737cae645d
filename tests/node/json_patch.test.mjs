// SPDX-License-Identifier: Apache-2.0
// The published vectors of JSON Patch (npm `json-patch-test-suite`), each as an op of kind `patch` to
// the real server: what it makes of the record, and what it refuses.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';

import { Connection } from './lib/connection.mjs';
import { apply } from './lib/effect.mjs';
import { startServer } from './lib/server.mjs';

const vectors = (file) => JSON.parse(fs.readFileSync(
  new URL(`./node_modules/json-patch-test-suite/${file}`, import.meta.url), 'utf8'));

const server = await startServer({ after }, { config: {
  storage: { main: { use: 'memory' } },
} });

/** The verdict on a patch of a record that is `doc`, the record behind it, and the update. */
async function patched(connection, channel, { doc, patch }) {
  const send = (n, change) =>
    connection.request({ type: 'op', channel, n, key: 'doc', ...change });
  assert.equal((await send(1, { kind: 'set', value: doc })).outcome, 'applied');
  const verdict = await send(2, { kind: 'patch', patch });
  const { records: [{ value }] } = await connection.request({ type: 'get', channel });
  const { updates } = await connection.request({ type: 'history', channel, from: 2, limit: 1 });
  return { verdict, value, update: updates[0] };
}

for (const [file, least] of [['tests.json', 77], ['spec_tests.json', 16]]) {
  test(`every vector of ${file}`, async () => {
    const connection = await Connection.hello(server);
    let held = 0;
    for (const [index, vector] of vectors(file).entries()) {
      if (vector.disabled && vector.error) continue; // a member twice, which this parser does not show
      const name = `${file}[${index}] ${vector.comment ?? vector.error ?? ''}`;
      const { verdict, value, update } = await patched(connection, `${file}:${index}`, vector);
      assert.equal(verdict.settled, true, name);
      if (vector.error) {
        assert.ok([1102, 1212].includes(verdict.code), `${name}: ${JSON.stringify(verdict)}`);
        assert.match(verdict.detail.pointer, /^\/patch/, name);
        assert.deepEqual(value, vector.doc, name);
      } else {
        assert.equal(verdict.outcome, 'applied', `${name}: ${JSON.stringify(verdict)}`);
        if (vector.expected !== undefined) assert.deepEqual(value, vector.expected, name);
        assert.deepEqual(apply(vector.doc, update), value, `${name}: applied plainly`);
      }
      ++held;
    }
    assert.ok(held >= least, `${held} vectors`);
  });
}

// RFC 6901, section 5.
test('every example of JSON Pointer', async () => {
  const doc = {
    foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, 'g|h': 4, 'i\\j': 5, 'k"l': 6, ' ': 7,
    'm~n': 8,
  };
  const examples = {
    '': doc, '/foo': doc.foo, '/foo/0': 'bar', '/': 0, '/a~1b': 1, '/c%d': 2, '/e^f': 3, '/g|h': 4,
    '/i\\j': 5, '/k"l': 6, '/ ': 7, '/m~0n': 8,
  };
  const connection = await Connection.hello(server);
  const patch = Object.entries(examples)
    .map(([path, value]) => ({ op: 'test', path, value }));
  const { verdict, value } = await patched(connection, 'pointers', { doc, patch });
  assert.equal(verdict.outcome, 'applied', JSON.stringify(verdict));
  assert.deepEqual(value, doc);
});

// SPDX-License-Identifier: Apache-2.0
// The replay itself: that it would notice an example that is not true.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { agree, stepsOf } from './conversation.mjs';

test('a message agrees with an example that has its members, and no others', () => {
  assert.ok(agree({ a: 1, b: '…' }, { b: [], a: 1 }, {}));
  for (const other of [{ a: 2, b: 0 }, { a: 1 }, { a: 1, b: 0, c: 0 }, { a: '1', b: 0 }, null, [1]]) {
    assert.equal(agree({ a: 1, b: '…' }, other, {}), null);
  }
});

test('a name keeps the value that it got first', () => {
  assert.deepEqual(agree({ a: '<x>', b: '<x>' }, { a: 7, b: 7 }, {}), { '<x>': 7 });
  assert.equal(agree({ a: '<x>', b: '<x>' }, { a: 7, b: 8 }, {}), null);
  assert.equal(agree({ a: '<x>' }, { a: 7 }, { '<x>': 8 }), null);
});

test('steps are read with their place', () => {
  const block = { firstLine: 10, lines: ['ann> {"a":', '  1}', '', 'ann ben< close 4504', 'ann> no json'] };
  assert.deepEqual(stepsOf('x.md', block), [
    { place: 'x.md:10', who: 'ann', sends: true, message: { a: 1 } },
    { place: 'x.md:13', who: 'ann', closes: 4504 },
    { place: 'x.md:13', who: 'ben', closes: 4504 },
    { place: 'x.md:14', who: 'ann', sends: true, message: 'no json' },
  ]);
  assert.throws(() => stepsOf('x.md', { firstLine: 1, lines: ['ann< no json'] }), /x\.md:1/);
});

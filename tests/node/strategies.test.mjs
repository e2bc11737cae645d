// SPDX-License-Identifier: Apache-2.0
// Every conflict strategy as a configuration names it, over the wire; and clocks that outlive the server.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';

const states = { transitions: { draft: ['review'], review: ['draft', 'published'], published: [] }, initial: ['draft'] };
const conflict = [
  { channel: 'client_wins:*', use: 'client_wins' },
  { channel: 'lww_hlc:*', use: 'lww_hlc' },
  { channel: 'json_patch:*', use: 'json_patch' },
  { channel: 'counter:*', path: '/n', use: 'counter', with: { min: 0, max: 10 } },
  { channel: 'set:*', path: '/t', use: 'set' },
  { channel: 'list:*', path: '/l', use: 'list', with: { order: 'p' } },
  { channel: 'append_only:*', use: 'append_only' },
  { channel: 'max:*', use: 'max' },
  { channel: 'min:*', use: 'min' },
  { channel: 'state_machine:*', path: '/s', use: 'state_machine', with: states },
  // A strategy under `otherwise` may ask a further one.
  { channel: 'delete_wins:*', use: 'delete_wins', with: { otherwise: 'three_way' } },
  { channel: 'edit_revives:*', use: 'edit_revives', with: { otherwise: 'three_way' } },
  { use: 'server_order' },
];
const config = { conflict, channels: [{ match: '*' }] };

const set = (value, rest) => ({ kind: 'set', value, ...rest });
const merge = (value, rest) => ({ kind: 'merge', value, ...rest });
const deletion = (rest) => ({ kind: 'delete', ...rest });
const insert = (element, p) => ({ kind: 'insert', path: '/l', element, value: { p }, base: 0 });
const patch = (...steps) => ({ kind: 'patch', patch: steps });

/** By strategy: who sends what, what comes of it, and the record in the end. */
const stories = {
  client_wins: [[
    ['ann', set({ a: 1, b: 1 }), 'applied'],
    ['bob', deletion({ base: 1 }), 'applied'],
    ['ann', merge({ a: 2 }, { base: 1 }), 'merged'],
  ], { a: 2, b: 1 }],
  lww_hlc: [[
    ['ann', merge({ a: 1 }, { hlc: [20, 0] }), 'applied'],
    ['bob', set({ a: 2, b: 2 }, { hlc: [10, 0] }), 'merged'],
    ['bob', merge({ a: 3 }, { hlc: [20, 1] }), 'applied'],
    ['bob', merge({ a: 4 }, { hlc: 'now' }), 1102],
  ], { a: 3, b: 2 }],
  json_patch: [[
    ['ann', set({ l: [1, 2] }), 'applied'],
    ['bob', patch({ op: 'test', path: '/l/0', value: 2 }, { op: 'remove', path: '/l/0' }), 'conflict'],
    ['bob', patch({ op: 'remove', path: '/l/0' }), 'conflict'],
    ['bob', patch({ op: 'test', path: '/l/0', value: 1 }, { op: 'remove', path: '/l/0' }), 'applied'],
  ], { l: [2] }],
  counter: [[
    ['ann', { kind: 'increment', path: '/n', by: 9, base: 0 }, 'applied'],
    ['bob', { kind: 'increment', path: '/n', by: 1, base: 0 }, 'applied'],
    ['bob', { kind: 'increment', path: '/n', by: 1, base: 0 }, 1212],
  ], { n: 10 }],
  set: [[
    ['ann', set({ t: [1, 2] }), 'applied'],
    ['bob', { kind: 'add', path: '/t', value: 3, base: 1 }, 'applied'],
    ['ann', merge({ t: [2, 4] }, { base: 1 }), 'merged'],
  ], { t: [2, 3, 4] }],
  list: [[
    ['ann', insert('x', 'm'), 'merged'],
    ['bob', insert('y', 'a'), 'merged'],
    ['ann', insert('z', 'g'), 'merged'],
  ], { l: [{ id: 'y', p: 'a' }, { id: 'z', p: 'g' }, { id: 'x', p: 'm' }] }],
  append_only: [[
    ['ann', set({ a: [1] }), 'applied'],
    ['bob', merge({ a: [1, 2] }), 'applied'],
    ['bob', merge({ a: [2] }), 1212],
    ['bob', deletion(), 1212],
  ], { a: [1, 2] }],
  max: [[['ann', set({ a: 5 }), 'applied'], ['bob', merge({ a: 3 }), 'merged']], { a: 5 }],
  min: [[['ann', set({ a: 5 }), 'applied'], ['bob', merge({ a: 3 }), 'applied']], { a: 3 }],
  state_machine: [[
    ['ann', set({ s: 'draft', t: 1 }), 'applied'],
    ['bob', merge({ s: 'published' }), 1212],
    ['bob', merge({ s: 'review', t: 2 }), 'applied'],
  ], { s: 'review', t: 2 }],
  delete_wins: [[
    ['ann', set({ a: 1, b: 1 }), 'applied'],
    ['bob', merge({ a: 2 }, { base: 1 }), 'applied'],
    ['ann', merge({ a: 3 }, { base: 1 }), 'conflict'],
    ['ann', deletion({ base: 1 }), 'applied'],
    ['bob', merge({ a: 4 }, { base: 2 }), 'merged'],
  ], undefined],
  edit_revives: [[
    ['ann', set({ a: 1, b: 1 }), 'applied'],
    ['bob', deletion({ base: 1 }), 'applied'],
    ['ann', merge({ a: 3 }, { base: 1 }), 'merged'],
  ], { a: 3, b: 1 }],
};

const outcomeOf = (reply) => (reply.type === 'error' ? reply.code : reply.outcome ?? reply.type);

async function valueOf(connection, channel) {
  const { records } = await connection.request({ type: 'get', channel });
  return records[0]?.value;
}

const server = await startServer({ after }, { config });

for (const [strategy, [ops, value]] of Object.entries(stories)) {
  test(`${strategy} decides as its rule says`, async () => {
    const channel = `${strategy}:1`;
    const numbers = { ann: 0, bob: 0 };
    const connections = { ann: await Connection.hello(server), bob: await Connection.hello(server) };
    for (const [who, op, expected] of ops) {
      const reply = await connections[who].request(
        { type: 'op', channel, key: 'k', n: ++numbers[who], ...op });
      assert.equal(outcomeOf(reply), expected, JSON.stringify([op, reply]));
    }
    assert.deepEqual(await valueOf(connections.ann, channel), value);
  });
}

test('an illegal transition names both states', async () => {
  const connection = await Connection.hello(server);
  const channel = 'state_machine:2';
  await connection.request({ type: 'op', channel, key: 'k', n: 1, ...set({ s: 'draft' }) });
  const error = await connection.request({ type: 'op', channel, key: 'k', n: 2, ...merge({ s: 'published' }) });
  assert.equal(error.code, 1212);
  assert.equal(error.settled, true);
  assert.deepEqual(error.detail,
    { from: 'draft', to: 'published', paths: ['/s'], value: { s: 'draft' }, version: 1 });
});

test('what was written when is known after a restart', async (t) => {
  const folder = temporaryFolder(t);
  const channel = 'lww_hlc:1';
  const client = randomClient();
  const first = await startServer(t, { folder, config });
  const before = await Connection.hello(first, { client });
  const written = await before.request(
    { type: 'op', channel, key: 'k', n: 1, ...merge({ a: 1 }, { hlc: [30, 0] }) });
  assert.equal(written.outcome, 'applied');
  await first.stop();
  const second = await startServer(t, { folder, config });
  const later = await Connection.hello(second);
  const late = await later.request(
    { type: 'op', channel, key: 'k', n: 1, ...set({ a: 2, b: 2 }, { hlc: [20, 0] }) });
  assert.equal(late.outcome, 'merged');
  assert.deepEqual(await valueOf(later, channel), { a: 1, b: 2 });
});

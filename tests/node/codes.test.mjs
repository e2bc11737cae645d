// SPDX-License-Identifier: Apache-2.0
// Codes that no other test is about, each made to happen. docs/protocol.md has the table of all.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';

import { testPlugins } from './lib/build.mjs';
import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { startServer } from './lib/server.mjs';

const library = (name) => path.join(testPlugins, `lib${name}.so`);
const OUTCOMES = 3;

const server = await startServer({ after }, {
  config: {
    plugins: { load: [library('test_well_behaved'), library('test_throwing_kinds')] },
    storage: { main: { use: 'memory' }, broken: { use: 'throwing_storage' } },
    channels: [{ match: 'broken:*', storage: 'broken' }, { match: '*', storage: 'main' }],
    streams: { outcomes: OUTCOMES, age: '1d', keys: 1 },
    limits: { record_bytes: '1KiB', batch_ops: 7, subscriptions: 3, messages_per_frame: 9 },
    pipelines: { op: [{ use: 'refuse_if_asked' }, { use: 'op' }] },
  },
});

let channelsMade = 0;
const fresh = () => `codes:${++channelsMade}`;
const op = (channel, n, members) => ({ type: 'op', channel, n, key: 'k', kind: 'set', value: n, ...members });

test('a stage that says that it is its own fault is 1001, which may be tried again', async () => {
  const ann = await Connection.hello(server);
  const error = await ann.request(op(fresh(), 1, { refuse: 'a bug', code: 1001 }));
  assert.deepEqual([error.code, error.reason, error.settled, error.n], [1001, 'a bug', false, 1]);
});

test('a code that is none of the protocol\'s becomes 1004', async () => {
  const ann = await Connection.hello(server);
  const error = await ann.request(op(fresh(), 1, { refuse: 'nonsense', code: 77 }));
  assert.deepEqual([error.code, error.reason], [1004, 'nonsense']);
});

test('a storage that cannot be read or written is 1003, and nothing is settled', async () => {
  const ann = await Connection.hello(server);
  for (const message of [op('broken:1', 1), { type: 'get', channel: 'broken:2' },
    { type: 'subscribe', channel: 'broken:3' }]) {
    const error = await ann.request(message);
    assert.deepEqual([error.code, error.retry, error.settled ?? false], [1003, true, false], message.type);
  }
  const { status, body } = await curl(`${server.http}/api/channels/broken:4`,
    { headers: { 'Syncline-Client': randomClient() } });
  assert.deepEqual([status, body.code], [503, 1003]);
});

test('what needs a record, an element or a list that is not there is 1204', async () => {
  const ann = await Connection.hello(server);
  const channel = fresh();
  const missing = [
    { kind: 'patch', patch: [{ op: 'add', path: '/x', value: 1 }] },
    { kind: 'remove', path: '/tags', value: 'red' },
    { kind: 'erase', path: '/rows', element: 'a' },
    { kind: 'move', path: '/rows', element: 'a', behind: null },
  ];
  for (const [i, change] of missing.entries()) {
    const error = await ann.request({ type: 'op', channel, n: i + 1, key: 'k', ...change, done: i });
    assert.deepEqual([error.code, error.settled], [1204, true], JSON.stringify(error));
  }
  const n = missing.length + 1;
  await ann.request(op(channel, n, { value: { rows: [{ id: 'b' }] }, done: n - 1 }));
  const error = await ann.request({ type: 'op', channel, n: n + 1, key: 'k', ...missing[3] });
  assert.equal(error.code, 1204);
});

test('numbers whose verdict was given up, or that are too old to be known, are 1213', async () => {
  const ann = await Connection.hello(server);
  const channel = fresh();
  await ann.request(op(channel, 1));
  await ann.request(op(channel, 2, { done: 1 }));
  const given = await ann.request(op(channel, 1));
  assert.deepEqual([given.code, given.retry, given.settled], [1213, false, false]);
  const { type, results } = await ann.request({ type: 'status', channel, n: [1, 2] });
  assert.equal(type, 'statuses');
  assert.deepEqual(results.map((result) => result.type), ['unknown', 'ack']);
  const dayMs = 24 * 3600 * 1000;
  const born = ann.welcome.time - 2 * dayMs;
  assert.equal((await ann.request(op(fresh(), 1, { born }))).code, 1213);
  assert.equal((await ann.request(op(fresh(), 1, { born: ann.welcome.time }))).outcome, 'applied');
});

test('a queue that is full is 1404: outcomes that are not done, writes with a key', async () => {
  const ann = await Connection.hello(server);
  const channel = fresh();
  for (let n = 1; n <= OUTCOMES; ++n) assert.equal((await ann.request(op(channel, n))).outcome, 'applied');
  const full = await ann.request(op(channel, OUTCOMES + 1));
  assert.deepEqual([full.code, full.retry, full.settled], [1404, true, false]);
  const room = await ann.request(op(channel, OUTCOMES + 1, { done: OUTCOMES }));
  assert.equal(room.outcome, 'applied');
  const write = (name) => curl(`${server.http}/api/channels/${channel}/records/k`, {
    json: { kind: 'set', value: 1 },
    headers: { 'Syncline-Client': ann.client, 'Idempotency-Key': name },
  });
  assert.equal((await write('one')).status, 200);
  const { status, body } = await write('two');
  assert.deepEqual([status, body.code, body.settled], [503, 1404, false]);
});

test('what is too large is 1203, whatever it is', async () => {
  const ann = await Connection.hello(server);
  const channel = fresh();
  const { limits } = ann.welcome;
  const record = await ann.request(op(channel, 1, { value: 'x'.repeat(2_000) }));
  assert.deepEqual([record.code, record.settled], [1203, true]);
  const ops = Array.from({ length: limits.batchOpsMax + 1 }, (_, i) => ({ n: i + 2, key: 'k', kind: 'delete' }));
  assert.equal((await ann.request({ type: 'batch', channel, ops })).code, 1203);
  ann.send(Array.from({ length: limits.messagesPerFrameMax + 1 }, () => ({ type: 'ping' })));
  assert.equal((await ann.next({ type: 'error' })).code, 1203);
});

test('an integer that no double holds refuses its frame with 1206, and nothing is consumed', async () => {
  const ann = await Connection.hello(server);
  const text = JSON.stringify([op('codes:large', 1), op('codes:large', 2, { value: 'large' })]);
  ann.send(text.replace('"large"', '9007199254740993'));
  const error = await ann.next({ type: 'error' });
  assert.deepEqual([error.code, error.retry, error.re, error.n], [1206, false, undefined, undefined]);
  assert.equal((await ann.request(op('codes:large', 1))).outcome, 'applied');
});

test('welcome tells the limits that a client must keep', async () => {
  const ann = await Connection.hello(server);
  assert.deepEqual(ann.welcome.limits, {
    messageBytesMax: 1 << 20, messagesPerFrameMax: 9, subscriptionsMax: 3, pendingMax: 64, batchOpsMax: 7, queueAgeMsMax: 86_400_000,
  });
});

// SPDX-License-Identifier: Apache-2.0
// The digest of a channel, which clients in other languages make from what they hold, and what a
// client does that finds another one: it asks for this one channel anew.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';

/** RFC 8785: numbers and strings are those of JavaScript, and so is the order of names. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

const headers = { 'Syncline-Client': randomClient() };

const digestOf = (records) => createHash('sha256').update(canonical(Object.fromEntries(
  records.map(({ key, version, value }) => [key, [version, value]])))).digest('hex');

function digestOfPython(records) {
  const made = spawnSync('python3', [path.join(import.meta.dirname, 'lib/digest.py')],
    { input: JSON.stringify(records), encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  return made.stdout.trim();
}

const changes = [
  { key: 'plain', kind: 'set', value: { b: [1, 2.5, -0, 1e21, 1e-7, 123456789012345], a: 'é\u2028\u0001"\\' } },
  { key: '\u{1f600}', kind: 'set', value: { '\u{1f600}': 1, '\ufb33': 2, '': 3, nested: { z: null, y: [[], {}] } } },
  { key: '\ufb33', kind: 'set', value: 0.1 + 0.2 },
  { key: 'gone', kind: 'set', value: 1 },
  { key: 'gone', kind: 'delete' },
  { key: 'plain', kind: 'merge', value: { c: true, tiny: 5e-324, huge: 1.7976931348623157e308 } },
  { key: 'count', kind: 'increment', path: '/n', by: 0.1 },
];

async function fill(connection, channel) {
  for (const [i, change] of changes.entries()) {
    const ack = await connection.request({ type: 'op', channel, n: i + 1, ...change });
    assert.equal(ack.outcome, 'applied', JSON.stringify(ack));
  }
}

const get = (connection, channel, more) => connection.request({ type: 'get', channel, digest: true, ...more });

test('it is what JavaScript and Python make of the same records', async (t) => {
  const server = await startServer(t);
  const connection = await Connection.hello(server);
  const empty = await get(connection, 'empty');
  assert.equal(empty.digest, digestOf([]));
  await fill(connection, 'room');
  const { digest, records } = await get(connection, 'room');
  assert.equal(digest, digestOf(records));
  assert.equal(digest, digestOfPython(records));
  assert.equal((await get(connection, 'room', { keys: ['count'] })).digest, digest, 'whatever is read');
  const { body } = await curl(`${server.http}/api/channels/room?digest=true`, { headers });
  assert.equal(body.digest, digest);
  assert.equal((await curl(`${server.http}/api/channels/room?digest=yes`, { headers })).status, 400);
  assert.equal((await connection.request({ type: 'get', channel: 'room', digest: 1 })).code, 1102);
  await connection.close();
});

test('neither a restart nor another storage makes it another', async (t) => {
  const folder = temporaryFolder(t);
  const first = await startServer(t, { folder });
  let connection = await Connection.hello(first);
  await fill(connection, 'room');
  const { digest } = await get(connection, 'room');
  first.child.kill('SIGKILL');
  await first.exit;
  const again = await startServer(t, { folder });
  connection = await Connection.hello(again);
  assert.equal((await get(connection, 'room')).digest, digest);
  await connection.close();
  const memory = await startServer(t, { config: { storage: { main: { use: 'memory' } } } });
  connection = await Connection.hello(memory);
  await fill(connection, 'room');
  assert.equal((await get(connection, 'room')).digest, digest);
  await connection.close();
});

test('a client that holds something else asks for the channel anew, and for no other', async (t) => {
  const server = await startServer(t);
  const connection = await Connection.hello(server);
  await fill(connection, 'room');
  await connection.request({ type: 'subscribe', channel: 'room' });
  const { seq } = await connection.next({ type: 'live', channel: 'room' });
  const held = [{ key: 'plain', version: 1, value: 'wrong' }];
  const told = await get(connection, 'room');
  assert.equal(told.seq, seq);
  assert.notEqual(told.digest, digestOf(held));
  const subscribed = await connection.request({ type: 'subscribe', channel: 'room' });
  assert.equal(subscribed.mode, 'snapshot');
  const snapshot = await connection.next({ type: 'snapshot', channel: 'room', re: undefined });
  await connection.next({ type: 'live', channel: 'room' });
  assert.equal(digestOf(snapshot.records), told.digest);
  await connection.request({ type: 'op', channel: 'room', n: changes.length + 1, key: 'a', kind: 'set', value: 1 });
  await connection.next({ type: 'update', channel: 'room', key: 'a' });
  assert.deepEqual(connection.inbox.filter(({ type }) => type === 'update'), [], 'and each update comes once');
  await connection.close();
});

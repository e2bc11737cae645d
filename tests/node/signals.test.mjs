// SPDX-License-Identifier: Apache-2.0
// What is not stored, over two shards: publish, send, presence and invalidate, their rights and
// their limits.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { startServer } from './lib/server.mjs';

const CHANNEL = 'room:1';
const keys = Object.fromEntries(['ann', 'ben', 'guest']
  .map((user) => [user, `${user}.${randomBytes(32).toString('hex')}`]));
const hashOf = (key) => `sha256:${createHash('sha256').update(key).digest('hex')}`;

function start(t, changes = {}) {
  return startServer(t, {
    config: {
      listeners: { public: { bind: '127.0.0.1:0', auth: ['keys'] } },
      auth: {
        keys: {
          use: 'api_key',
          with: {
            keys: Object.entries(keys).map(([user, key]) => ({
              id: user, hash: hashOf(key), user, roles: user === 'guest' ? [] : ['member'],
            })),
          },
        },
      },
      channels: [{ match: 'silent:*' }, { match: '*', presence: true }],
      ...changes,
    },
  });
}

const enter = (server, user, options = {}) =>
  Connection.hello(server, { token: keys[user], ...options });

async function follow(server, user, options = {}, request = {}) {
  const connection = await enter(server, user, options);
  await connection.request({ type: 'subscribe', channel: CHANNEL, ...request });
  for (const type of ['snapshot', 'live']) await connection.next({ type });
  return connection;
}

const close = (...connections) => connections.forEach(({ socket }) => socket.terminate());

test('publish reaches every other subscriber on every shard, and a send every connection', async (t) => {
  const server = await start(t);
  const ann = await follow(server, 'ann');
  const others = await Promise.all(Array.from({ length: 6 }, () => follow(server, 'ben')));
  for (let i = 1; i <= 20; ++i) ann.send({ type: 'publish', channel: CHANNEL, data: { i } });
  assert.equal((await ann.request({ type: 'publish', channel: CHANNEL, data: null })).type, 'published');
  for (const other of others) {
    for (let i = 1; i <= 20; ++i) {
      assert.deepEqual(await other.next({ type: 'message' }), {
        type: 'message', channel: CHANNEL, user: 'ann', origin: ann.welcome.origin, data: { i },
      });
    }
    assert.equal((await other.next({ type: 'message' })).data, null);
  }
  assert.deepEqual(await ann.settled(), [], 'the sender gets nothing');

  const sent = await ann.request({ type: 'send', user: 'ben', data: 7 });
  assert.equal(sent.connections, others.length);
  for (const other of others) {
    assert.deepEqual(await other.next({ type: 'message' }),
      { type: 'message', user: 'ann', origin: ann.welcome.origin, data: 7 });
  }
  assert.equal((await ann.request({ type: 'get', channel: CHANNEL })).seq, 0, 'nothing was stored');
  close(ann, ...others);
});

test('an invalidation comes behind the updates that were acknowledged before it', async (t) => {
  const server = await start(t);
  const ann = await enter(server, 'ann');
  const ben = await follow(server, 'ben');
  for (let n = 1; n <= 20; ++n) {
    await ann.request({ type: 'op', channel: CHANNEL, n, key: 'k', kind: 'set', value: n });
    const told = await ann.request({ type: 'invalidate', channel: CHANNEL, keys: [`q${n}`] });
    assert.equal(told.type, 'invalidated');
    const push = await ben.next({ type: 'invalidated' });
    assert.deepEqual(push.keys, [`q${n}`]);
    assert.equal(ben.inbox.shift().seq, n, 'the update was there');
    assert.deepEqual(ben.inbox, []);
  }
  close(ann, ben);
});

test('presence: who comes, changes, loses the connection, comes back and goes', async (t) => {
  const server = await start(t, { timeouts: { presence: '1h' } });
  const ben = await follow(server, 'ben', {}, { presence: true });
  const mine = await ben.next({ type: 'presence' });
  assert.deepEqual(mine.members, [{ user: 'ben', origin: ben.welcome.origin }]);

  const client = randomClient();
  let ann = await follow(server, 'ann', { client });
  const state = { cursor: [1, 2] };
  const listed = await ann.request({ type: 'presence', channel: CHANNEL, state });
  assert.deepEqual(listed.members.map(({ user }) => user).sort(), ['ann', 'ben']);
  const told = { channel: CHANNEL, user: 'ann', origin: ann.welcome.origin };
  assert.deepEqual(await ben.next({ type: 'joined' }), { type: 'joined', ...told, state, sessions: 1 });

  const second = await follow(server, 'ann', {}, { presence: true });
  assert.equal((await ben.next({ type: 'joined' })).sessions, 2);
  const byUser = await ben.request({ type: 'presence', channel: CHANNEL, by: 'user' });
  assert.deepEqual(byUser.members, [{ user: 'ann', sessions: 2 }, { user: 'ben', sessions: 1 }]);

  // Nobody notices a connection that is lost and replaced, whichever way.
  ann.socket.terminate();
  ann = await follow(server, 'ann', { client }, { presence: true });
  const again = await ann.next({ type: 'presence' });
  assert.deepEqual(again.members.find(({ origin }) => origin === told.origin).state, state);
  const replaced = ann;
  ann = await follow(server, 'ann', { client }, { presence: true });
  assert.equal((await replaced.end()).code, 4504);
  await ann.request({ type: 'presence', channel: CHANNEL, state: 'here' });
  assert.deepEqual(await ben.next({ type: 'changed' }),
    { type: 'changed', ...told, state: 'here', sessions: 2 });
  assert.deepEqual(await ben.settled(), []);

  await ann.request({ type: 'unsubscribe', channel: CHANNEL });
  assert.deepEqual(await ben.next({ type: 'left' }), { type: 'left', ...told, state: 'here', sessions: 1 });
  second.send({ type: 'presence', channel: CHANNEL, state: null });
  assert.equal((await ben.next({ type: 'left' })).sessions, 0);
  close(ann, ben, second);
});

test('presence: who does not come back in time has left', async (t) => {
  const server = await start(t, { timeouts: { presence: '100ms' } });
  const ben = await follow(server, 'ben');
  const ann = await follow(server, 'ann', {}, { presence: true });
  await ben.next({ type: 'joined' });
  ann.socket.terminate();
  assert.equal((await ben.next({ type: 'left' })).user, 'ann');
  close(ben);
});

test('each needs its right', async (t) => {
  const server = await start(t, {
    pipelines: {
      default: [{
        use: 'acl',
        with: {
          rules: [
            { role: 'member', channel: '*', allow: ['read', 'write'] },
            { role: 'member', to: 'ben', allow: ['send'] },
            { channel: 'room:*', allow: ['read'] },
            { channel: 'box:*', allow: ['write'] },
            { to: '{user}', allow: ['send'] },
          ],
        },
      }],
    },
  });
  const ann = await enter(server, 'ann');
  const guest = await follow(server, 'guest');
  const answer = async (connection, message) => {
    const { type, code } = await connection.request(message);
    return code ?? type;
  };
  for (const [connection, message, expected] of [
    [ann, { type: 'publish', channel: CHANNEL, data: 1 }, 'published'],
    [ann, { type: 'invalidate', channel: CHANNEL }, 'invalidated'],
    [ann, { type: 'send', user: 'ben', data: 1 }, 'sent'],
    [ann, { type: 'send', user: 'guest', data: 1 }, 1303],
    [guest, { type: 'publish', channel: CHANNEL, data: 1 }, 1303],
    [guest, { type: 'publish', channel: 'box:1', data: 1 }, 1303],
    [guest, { type: 'invalidate', channel: CHANNEL }, 1303],
    [guest, { type: 'invalidate', channel: 'box:1' }, 'invalidated'],
    [guest, { type: 'presence', channel: CHANNEL, state: 1 }, 'presence'],
    [guest, { type: 'presence', channel: 'box:1', state: 1 }, 1303],
    [guest, { type: 'send', user: 'ben', data: 1 }, 1303],
    [guest, { type: 'send', user: 'ben', channel: 'box:1', data: 1 }, 1303],
    [guest, { type: 'send', user: 'guest', data: 1 }, 'sent'],
  ]) {
    assert.equal(await answer(connection, message), expected, JSON.stringify(message));
  }
  close(ann, guest);
});

test('each limit is reached, and its error says so', async (t) => {
  const server = await start(t, {
    limits: { signal_bytes: '1KiB', presence_members: 2, presence_state_bytes: '64B' },
  });
  const [ann, ben, guest] = await Promise.all(['ann', 'ben', 'guest'].map((user) => follow(server, user)));
  const large = 'x'.repeat(1_024);
  for (const [connection, message, code] of [
    [ann, { type: 'publish', channel: CHANNEL, data: large }, 1203],
    [ann, { type: 'send', user: 'ben', data: large }, 1203],
    [ann, { type: 'invalidate', channel: CHANNEL, keys: [large] }, 1203],
    [ann, { type: 'invalidate', channel: CHANNEL, keys: Array(1_001).fill('k') }, 1203],
    [ann, { type: 'presence', channel: CHANNEL, state: large.slice(0, 70) }, 1203],
    [ann, { type: 'presence', channel: CHANNEL, state: 1 }, undefined],
    [ben, { type: 'presence', channel: CHANNEL, state: 1 }, undefined],
    [guest, { type: 'presence', channel: CHANNEL, state: 1 }, 1403],
    [guest, { type: 'presence', channel: 'silent:1', state: 1 }, 1202],
    [guest, { type: 'publish', channel: '$x', data: 1 }, 1104],
    [guest, { type: 'send', user: '$x', data: 1 }, 1104],
  ]) {
    assert.equal((await connection.request(message)).code, code, JSON.stringify(message).slice(0, 80));
  }
  await guest.request({ type: 'subscribe', channel: 'silent:1' });
  assert.equal((await guest.request({ type: 'presence', channel: 'silent:1' })).code, 1503);
  close(ann, ben, guest);
});

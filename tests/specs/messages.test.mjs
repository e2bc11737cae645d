// SPDX-License-Identifier: Apache-2.0
// What docs/asyncapi.yaml describes is what goes over a WebSocket: each message is exchanged with the
// server and held against its schema, and the server has no type that the document lacks.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, describe, test } from 'node:test';

import { fencedBlocks } from '../docs/markdown.mjs';
import { Connection, randomClient } from '../node/lib/connection.mjs';
import { startServer } from '../node/lib/server.mjs';
import { asyncapiFile, read, resolved, validators } from './documents.mjs';

const key = `robot.${crypto.randomBytes(32).toString('hex')}`;
const hash = `sha256:${crypto.createHash('sha256').update(key).digest('hex')}`;

const server = await startServer({ after }, {
  config: {
    storage: { main: { use: 'memory' } },
    auth: {
      keys: {
        use: 'api_key',
        with: { keys: [{ id: 'robot', hash, user: 'robot', expires: '2099-01-01T00:00:00Z' }] },
      },
      visitors: { use: 'anonymous' },
    },
    listeners: { public: { bind: '127.0.0.1:0', auth: ['keys', 'visitors'] } },
    channels: [
      { match: 'room:narrow', slow_consumer: 'conflate' }, { match: 'room:*', presence: true },
    ],
    conflict: [{ channel: 'room:strict*', use: 'server_wins' }, { channel: 'room:kept', use: 'manual' }, { use: 'server_order' }],
    limits: { record_bytes: '8KiB', outbox_bytes: '128KiB', socket_bytes: '32KiB' },
    pipelines: {
      default: [{
        use: 'acl',
        with: { default: 'allow', rules: [{ channel: 'room:secret', allow: [] }] },
      }],
    },
  },
});

const asyncapi = read(asyncapiFile);
const { pipelines } = await (await server.fetch('/api/realtime')).json();

/** Of one side: type -> the validator of its messages. */
function messageValidators(operation) {
  const valid = validators(asyncapi);
  return new Map(asyncapi.operations[operation].messages.map(({ $ref }) => {
    const name = $ref.split('/').at(-1);
    const payload = resolved(asyncapi, asyncapi.components.messages[name].payload);
    const shapes = [payload, ...(payload.allOf ?? [])];
    const type = shapes.map(({ properties }) => properties?.type?.const).find((each) => each);
    return [type, valid(`/components/messages/${name}/payload`)];
  }));
}

const fromClient = messageValidators('fromClient');
const toClient = messageValidators('toClient');

test('the messages that docs/protocol.md shows outside of its conversation are as described', () => {
  const shown = fencedBlocks('docs/protocol.md').filter(({ info }) => info === 'json')
    .map(({ lines }) => JSON.parse(lines.join('')));
  assert.deepEqual(shown.map(({ type }) => type), ['records']);
  for (const message of shown) assert.ok(toClient.get(message.type)(message), JSON.stringify(message));
});

test('docs/asyncapi.yaml has the message types of the server, all and no others', () => {
  assert.deepEqual([...fromClient.keys()].sort(), Object.keys(pipelines).sort());
});

describe('over a WebSocket', () => {
  const said = new Set();
  const got = new Set();

  function hold(valid, seen, message) {
    const check = valid.get(message.type);
    assert.ok(check, `${message.type} is not described`);
    assert.ok(check(message), JSON.stringify([message, check.errors], null, 1));
    seen.add(message.type);
  }

  /** A client each of whose messages, and of those that it gets, is held against the document. */
  class Person {
    static async enter(options = {}) {
      const person = new Person();
      person.connection = await Connection.open(server);
      await person.ask({ type: 'hello', protocol: 1, client: randomClient(), ...options });
      return person;
    }

    async ask(message) {
      const asked = { id: ++this.lastId, ...message };
      hold(fromClient, said, asked);
      const answer = await this.connection.request(asked);
      hold(toClient, got, answer);
      return answer;
    }

    async next(pattern) {
      const message = await this.connection.next(pattern);
      hold(toClient, got, message);
      return message;
    }

    /** What else came. */
    end() {
      for (const message of this.connection.inbox) hold(toClient, got, message);
      this.connection.socket.terminate();
    }

    lastId = 0;
  }

  test('sessions, and what is wrong', async () => {
    const ann = await Person.enter({ token: key });
    await ann.ask({ type: 'ping' });
    const { user, expiresAt } = await ann.ask({ type: 'auth', token: key });
    assert.deepEqual([user, expiresAt], ['robot', Date.UTC(2099, 0)]);
    assert.equal((await ann.connection.request({ type: 'nothing' })).code, 1103);
    assert.equal((await ann.ask({ type: 'get', channel: 'elsewhere' })).code, 1201);
    ann.end();
  });

  test('ops of every kind, and their verdicts', async () => {
    const [ann, ben] = [await Person.enter(), await Person.enter()];
    const channel = 'room:strict';
    await ann.ask({ type: 'subscribe', channel, presence: false });
    let n = 0;
    const op = (change, more) => ann.ask({ type: 'op', channel, n: ++n, key: 'b', ...change, ...more });
    const changes = [
      { kind: 'set', value: { a: 1, tags: [], rows: [] } }, { kind: 'merge', value: { a: 2 } },
      { kind: 'increment', path: '/a', by: 1 }, { kind: 'patch', patch: [{ op: 'replace', path: '/a', value: 1 }] },
      { kind: 'add', path: '/tags', value: 'x' }, { kind: 'remove', path: '/tags', value: 'x' },
      { kind: 'insert', path: '/rows', element: 'r', behind: null, value: {} },
      { kind: 'move', path: '/rows', element: 'r', behind: 'none' }, { kind: 'erase', path: '/rows', element: 'r' },
      { kind: 'delete' },
    ];
    for (const change of changes) {
      assert.equal((await op(change)).outcome, 'applied', JSON.stringify(change));
      await ann.next({ type: 'update', kind: change.kind });
    }
    const voided = await ann.ask({ type: 'op', channel, n: ++n, kind: 'void' });
    assert.equal(voided.outcome, 'void');
    assert.equal((await ann.ask({ type: 'op', channel, n: 1, key: 'b', ...changes[0] })).outcome, 'duplicate');
    assert.equal((await op({ kind: 'increment', path: '', by: 1, value: 0, key: 'a' })).outcome, 'applied');
    const late = await ben.ask({ type: 'op', channel, n: 1, key: 'a', kind: 'set', value: 3, base: 0 });
    assert.equal(late.type, 'conflict');
    assert.equal((await op({ kind: 'patch', patch: [{ op: 'remove', path: '/x' }] }, { key: 'none' })).code, 1204);
    assert.equal((await ann.ask({ type: 'op', channel, n: n + 2, key: 'b', kind: 'delete' })).code, 1207);
    await ann.ask({ type: 'unsubscribe', channel });
    for (const person of [ann, ben]) person.end();
  });

  test('batches, reading, and what a client may ask of its numbers', async () => {
    const [ann, ben] = [await Person.enter(), await Person.enter()];
    const channel = 'room:strict:2';
    await ann.ask({ type: 'subscribe', channel });
    const set = (value) => ({ key: 'a', kind: 'set', value });
    const ops = [{ n: 1, ...set(1) }, { n: 2, key: 'a', kind: 'increment', path: '/x', by: 1 }];
    await ann.ask({ type: 'batch', channel, ops });
    const atomic = { type: 'batch', channel, atomic: true };
    await ann.ask({ ...atomic, n: 3, ops: [set(2), { key: 'b', kind: 'delete' }] });
    await ann.ask({ ...atomic, n: 4, ops: [set(2), { key: 'a', kind: 'erase', path: '/x', element: 1 }] });
    await ben.ask({ ...atomic, n: 1, ops: [{ ...set(3), base: 0 }] });
    await ann.ask({ type: 'get', channel });
    await ann.ask({ type: 'get', channel, keys: ['a'] });
    await ann.ask({ type: 'history', channel, from: 1, limit: 2 });
    const { results } = await ann.ask({ type: 'status', channel, n: [1, 2, 3, 4, 77] });
    assert.deepEqual(results.map(({ type }) => type), ['ack', 'error', 'ack', 'error', 'unknown']);
    const { epoch, sum } = await ann.next({ type: 'snapshot' });
    const late = await Person.enter({
      resume: [{ channel, epoch, seq: 0, sum, presence: true }, { channel: 'room:secret' }],
    });
    await late.next({ type: 'updates' });
    await late.next({ type: 'live' });
    await late.next({ type: 'error' });
    for (const person of [ann, ben, late]) person.end();
  });

  test('conflicts that are kept, and what becomes of them', async () => {
    const [ann, ben] = [await Person.enter(), await Person.enter()];
    const channel = 'room:kept';
    await ann.ask({ type: 'op', channel, n: 1, key: 'a', kind: 'set', value: [] });
    await ann.ask({ type: 'op', channel, n: 2, key: 'a', kind: 'add', path: '', value: 1 });
    const { conflict, version } = await ben.ask({ type: 'op', channel, n: 1, key: 'a', kind: 'set', value: 2, base: 1 });
    await ann.ask({ type: 'get', channel, prefix: '$conflict/', digest: true });
    const resolve = { type: 'resolve', channel, key: 'a', conflict, base: version };
    assert.equal((await ann.ask({ ...resolve, n: 3, base: null, take: 'theirs' })).outcome, 'applied');
    assert.equal((await ben.ask({ ...resolve, n: 2, value: 3 })).code, 1204);
    await ann.ask({ type: 'history', channel, from: 1, values: true });
    for (const person of [ann, ben]) person.end();
  });

  test('what is not stored', async () => {
    const [ann, ben] = [await Person.enter(), await Person.enter()];
    const channel = 'room:signals';
    for (const person of [ben, ann]) await person.ask({ type: 'subscribe', channel });
    await ann.ask({ type: 'publish', channel, data: { typing: true } });
    assert.equal((await ben.next({ type: 'message' })).channel, channel);
    const { members: [{ user }] } = await ben.ask({ type: 'presence', channel, state: { at: 1 } });
    await ann.next({ type: 'joined' });
    await ann.ask({ type: 'send', user, data: 1 });
    assert.equal((await ben.next({ type: 'message' })).channel, undefined);
    await ben.ask({ type: 'presence', channel, state: 2 });
    await ann.next({ type: 'changed' });
    assert.deepEqual((await ann.ask({ type: 'presence', channel, by: 'user' })).members, [{ user, sessions: 1 }]);
    await ben.ask({ type: 'presence', channel, state: null });
    await ann.next({ type: 'left' });
    await ann.ask({ type: 'invalidate', channel, keys: ['report'] });
    await ben.next({ type: 'invalidated' });
    for (const person of [ann, ben]) person.end();
  });

  test('who does not keep up, where the latest is enough', async () => {
    const [ann, ben] = [await Person.enter(), await Person.enter()];
    const channel = 'room:narrow';
    await ben.ask({ type: 'subscribe', channel });
    await ben.next({ type: 'live' });
    // Nothing more is read of the socket, so that what is written soon has no room.
    ben.connection.socket.pause();
    const value = 'x'.repeat(7_000);
    for (let n = 1; n <= 2_000; ++n) {
      ann.connection.send({
        type: 'op', channel, n, key: `k${n % 4}`, ...(n % 4 ? { kind: 'set', value } : { kind: 'delete' }),
      });
    }
    await ann.ask({ type: 'op', channel, n: 2_001, key: 'last', kind: 'delete' });
    ben.connection.socket.resume();
    const { from, seq, records } = await ben.next({ type: 'records' });
    assert.ok(from > 1 && seq > from, `${from} to ${seq}`);
    assert.ok(records.some(({ deleted }) => deleted) && records.some(({ value: kept }) => kept === value));
    for (const person of [ann, ben]) person.end();
  });

  test('no message that docs/asyncapi.yaml describes was left out', () => {
    assert.deepEqual([...fromClient.keys()].filter((type) => !said.has(type)), []);
    assert.deepEqual([...toClient.keys()].filter((type) => !got.has(type)), []);
  });
});

// SPDX-License-Identifier: Apache-2.0
// What the documents describe is what the server does: each response of each operation is made to
// happen and held against its schema, and so is each message.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, describe, test } from 'node:test';

import { fencedBlocks } from '../docs/markdown.mjs';
import { Connection, randomClient } from '../node/lib/connection.mjs';
import { curl } from '../node/lib/curl.mjs';
import { Raw } from '../node/lib/raw.mjs';
import { startServer } from '../node/lib/server.mjs';
import { asyncapiFile, escaped, openapiFile, read, resolved, validators } from './documents.mjs';

const key = `robot.${crypto.randomBytes(32).toString('hex')}`;
const hash = `sha256:${crypto.createHash('sha256').update(key).digest('hex')}`;
const robot = { Authorization: `Bearer ${key}` };

const server = await startServer({ after }, {
  config: {
    storage: { main: { use: 'memory' } },
    auth: {
      keys: { use: 'api_key', with: { keys: [{ id: 'robot', hash, user: 'robot', expires: '2099-01-01T00:00:00Z' }] } },
      visitors: { use: 'anonymous' },
    },
    listeners: { public: { bind: '127.0.0.1:0', auth: ['keys', 'visitors'] } },
    channels: [
      { match: 'room:narrow', slow_consumer: 'conflate' }, { match: 'room:*', presence: true },
    ],
    conflict: [{ channel: 'room:strict', use: 'server_wins' }, { use: 'server_order' }],
    api: { tickets: 1, response_bytes: '4KiB', event_channels: 1 },
    limits: { record_bytes: '8KiB', outbox_bytes: '128KiB', socket_bytes: '32KiB' },
    pipelines: {
      default: [{
        use: 'acl',
        with: {
          rules: [
            { channel: 'room:secret', allow: [] }, { channel: '*', allow: ['read', 'write'] },
            { to: '*', allow: ['send'] },
          ],
        },
      }],
    },
  },
});

const openapi = read(openapiFile);
const asyncapi = read(asyncapiFile);
const { pipelines } = await (await server.fetch('/api/realtime')).json();

/** Every response that the document names: "get /path 200" -> whether it happened. */
const described = new Map();
for (const [path, item] of Object.entries(openapi.paths)) {
  for (const method of ['get', 'post']) {
    for (const status of Object.keys(item[method]?.responses ?? {})) {
      described.set(`${method} ${path} ${status}`, false);
    }
  }
}
// This is of a server without a type that reads the log.
described.delete('get /api/channels/{channel}/ops 501');

const validatorOf = validators(openapi);

/** Makes a request of an operation and holds the answer against the document. */
async function make(method, path, { status, names = {}, query = '', ...options }) {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(names[name]));
  const answer = await curl(`${server.http}${filled}${query}`, {
    headers: robot, ...(method === 'post' && !options.json && { method: 'POST' }), ...options,
  });
  const what = `${options.method ?? method} ${path} ${status}`;
  assert.equal(answer.status, status, `${what}: ${answer.text}`);
  const responses = openapi.paths[path][method].responses;
  const response = resolved(openapi, responses[status]);
  assert.ok(response, `${what} is not described`);
  const type = answer.headers.get('content-type');
  const content = response.content?.[type];
  assert.ok(content || (!response.content && answer.text === ''), `${what} has ${type}`);
  if (type === 'application/json') {
    const at = responses[status].$ref
      ? responses[status].$ref.slice(1)
      : `/paths/${escaped(path)}/${method}/responses/${status}`;
    const valid = validatorOf(`${at}/content/application~1json/schema`);
    assert.ok(valid(answer.body), `${what}: ${answer.text}\n${JSON.stringify(valid.errors)}`);
  }
  for (const name of Object.keys(response.headers ?? {})) {
    assert.ok(answer.headers.has(name.toLowerCase()), `${what} without ${name}`);
  }
  described.set(`${method} ${path} ${status}`, true);
  return answer;
}

const client = randomClient();
const realtime = '/api/realtime';
const events = '/api/realtime/events';
const ticket = '/api/realtime/ticket';
const channel = '/api/channels/{channel}';
const ops = '/api/channels/{channel}/ops';
const record = '/api/channels/{channel}/records/{key}';
const room = { channel: 'room:1' };
const one = { channel: 'room:1', key: 'a' };
const big = 'x'.repeat(6_000);
const stranger = { headers: {} };
const keyed = (name) => ({ headers: { ...robot, 'Idempotency-Key': name } });
const set = (value) => ({ json: { kind: 'set', value } });
const brief = { more: ['--max-time', '60'] };

test('what the server says of itself', async () => {
  await make('get', realtime, { status: 200 });
  await make('get', realtime, { status: 405, method: 'PATCH' });
  await make('get', '/healthz', { status: 200 });
  await make('get', '/readyz', { status: 200 });
  await make('get', '/readyz', { status: 405, method: 'DELETE' });
  const { body } = await curl(`${server.http}/nothing/here`);
  assert.ok(validatorOf('/components/schemas/Error')(body), 'a path that is not there');
  described.set('get /healthz 404', true);
});

test('writes of other servers', async () => {
  await make('post', record, { status: 200, names: one, ...keyed('1'), ...set({ x: 1 }) });
  await make('post', record, { status: 200, names: one, ...keyed('1'), ...set({ x: 1 }) });
  await make('post', record, { status: 422, names: one, ...keyed('1'), ...set({ x: 2 }) });
  await make('post', record, { status: 400, names: one, ...set(1) });
  await make('post', record, { status: 401, names: one, headers: { 'Idempotency-Key': '2' }, ...set(1) });
  await make('post', record, { status: 403, names: { channel: 'room:secret', key: 'a' }, ...keyed('3'), ...set(1) });
  await make('post', record, { status: 404, names: { channel: 'elsewhere', key: 'a' }, ...keyed('9'), ...set(1) });
  await make('post', record, { status: 409, names: one, ...keyed('4'), json: { kind: 'increment', path: '', by: 1 } });
  await make('post', record, { status: 413, names: one, ...keyed('5'), ...set('x'.repeat(9_000)) });
  const strict = { channel: 'room:strict', key: 'a' };
  await make('post', record, { status: 200, names: strict, ...keyed('6'), ...set(1) });
  await make('post', record, { status: 409, names: strict, ...keyed('7'), json: { kind: 'set', value: 2, base: 0 } });
});

test('reads', async () => {
  const whole = await make('get', channel, { status: 200, names: room });
  const ifNone = (answer) => ({ headers: { ...robot, 'If-None-Match': answer.headers.get('etag') } });
  await make('get', channel, { status: 304, names: room, ...ifNone(whole) });
  await make('get', channel, { status: 400, names: { channel: '$room' } });
  await make('get', channel, { status: 401, names: room, ...stranger });
  await make('get', channel, { status: 403, names: { channel: 'room:secret' } });
  await make('get', channel, { status: 404, names: { channel: 'elsewhere' } });
  await make('get', channel, { status: 405, names: room, method: 'DELETE' });
  await make('post', record, { status: 200, names: { channel: 'room:big', key: 'a' }, ...keyed('8'), ...set(big) });
  await make('get', channel, { status: 413, names: { channel: 'room:big' } });
  const got = await make('get', record, { status: 200, names: one });
  await make('get', record, { status: 304, names: one, ...ifNone(got) });
  await make('get', record, { status: 400, names: { channel: 'room:1', key: '$a' } });
  await make('get', record, { status: 401, names: one, ...stranger });
  await make('get', record, { status: 403, names: { channel: 'room:secret', key: 'a' } });
  await make('get', record, { status: 404, names: { channel: 'room:1', key: 'none' } });
  const { body: log } = await make('get', ops, { status: 200, names: room, query: '?from=1&limit=1' });
  assert.deepEqual([log.from, log.updates.length, log.updates[0].value], [1, 1, { x: 1 }]);
  await make('get', ops, { status: 200, names: { channel: 'room:empty' } });
  await make('get', ops, { status: 400, names: room, query: '?limit=0' });
  await make('get', ops, { status: 400, names: room, query: '?from=0' });
  await make('get', ops, { status: 401, names: room, ...stranger });
  await make('get', ops, { status: 403, names: { channel: 'room:secret' } });
  await make('get', ops, { status: 404, names: { channel: 'elsewhere' } });
});

test('messages without a WebSocket', async () => {
  const request = validatorOf('/components/schemas/Request');
  const messages = [
    { type: 'op', id: 1, channel: 'room:2', n: 1, key: 'a', kind: 'set', value: 1 },
    { type: 'batch', id: 2, channel: 'room:2', ops: [{ n: 2, key: 'a', kind: 'delete' }] },
    { type: 'get', id: 3, channel: 'room:2' }, { type: 'history', id: 4, channel: 'room:2', from: 1 },
    { type: 'status', id: 5, channel: 'room:2', n: [1, 9] }, { type: 'ping', id: 6 },
    { type: 'publish', id: 7, channel: 'room:2', data: 1 }, { type: 'send', id: 8, user: 'robot', data: 1 },
    { type: 'invalidate', id: 9, channel: 'room:2' },
  ];
  for (const message of messages) assert.ok(request(message), JSON.stringify([message, request.errors]));
  const { body } = await make('post', realtime, {
    status: 200, json: { client, messages: [...messages, { type: 'nothing', id: 10 }], cursors: [{ channel: 'room:2' }] },
  });
  assert.deepEqual(body.replies.map(({ re }) => re).sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(body.replies.filter(({ type }) => type === 'error').map(({ re }) => re), [10]);
  for (const type of ['subscribe', 'presence']) assert.equal(request({ type, channel: 'room:2' }), false, type);
  await make('post', realtime, { status: 400, json: { client: 1 } });
  await make('post', realtime, { status: 401, json: { client }, headers: { Authorization: 'Bearer robot.x' } });
  await make('post', realtime, { status: 403, json: { client }, headers: { ...robot, Origin: 'https://evil.example' } });
  await make('post', realtime, { status: 406, json: { client }, headers: { ...robot, Accept: 'image/png' } });
  await make('post', realtime, { status: 413, json: { client, messages: Array(200).fill({ type: 'ping' }) } });
  await make('post', realtime, { status: 415, data: '{}', headers: { ...robot, 'Content-Type': 'text/plain' } });
});

test('events', async () => {
  const stream = new AbortController();
  const answer = await fetch(`${server.http}${events}?channel=room:1`, { headers: robot, signal: stream.signal });
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/event-stream']);
  described.set(`get ${events} 200`, true);
  stream.abort();
  await make('get', events, { status: 400, ...brief });
  await make('get', events, { status: 401, query: '?channel=room:1', ...stranger });
  await make('get', events, { status: 403, query: '?channel=room:secret' });
  await make('get', events, { status: 404, query: '?channel=elsewhere' });
  await make('get', events, { status: 406, query: '?channel=room:1', headers: { ...robot, Accept: 'image/png' } });
  await make('get', events, { status: 429, query: '?channel=room:1&channel=room:2' });
  await make('post', ticket, { status: 400, json: { client: 'short' } });
  await make('post', ticket, { status: 401, json: {}, headers: {} });
  await make('post', ticket, { status: 200, json: { client } });
  await make('post', ticket, { status: 503, json: { client } });
});

test('a server that shuts down', async (t) => {
  const mine = await startServer(t);
  // It holds the shutdown open: its session lasts until the server gives up on its close.
  const silent = await Raw.connect(mine.port, { allowHalfOpen: true });
  assert.equal((await silent.upgrade()).status, 101);
  const http = await Raw.connect(mine.port);
  http.request('GET', '/readyz');
  await http.response();
  mine.kill('SIGTERM');
  await silent.closeCode();
  for (const [method, path, schema] of [['GET', '/readyz', 'Health'], ['POST', realtime, 'Error']]) {
    http.request(method, path, { 'Content-Length': '0' });
    const { status, body } = await http.response();
    assert.equal(status, 503, path);
    assert.ok(validatorOf(`/components/schemas/${schema}`)(JSON.parse(body)), body);
    described.set(`${method.toLowerCase()} ${path} ${status}`, true);
  }
});

test('nothing that docs/openapi.yaml describes was left out', () => {
  assert.deepEqual([...described].filter(([, happened]) => !happened).map(([what]) => what), []);
});

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
    assert.equal((await ben.ask({ type: 'op', channel, n: 1, key: 'a', kind: 'set', value: 3, base: 0 })).type, 'conflict');
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
    await ann.ask({ type: 'batch', channel, ops: [{ n: 1, ...set(1) }, { n: 2, key: 'a', kind: 'increment', path: '/x', by: 1 }] });
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

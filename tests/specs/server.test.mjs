// SPDX-License-Identifier: Apache-2.0
// What the documents describe is what the server does: each response of each operation is made to
// happen and held against its schema, and so is each message.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, test } from 'node:test';

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
      keys: { use: 'api_key', with: { keys: [{ id: 'robot', hash, user: 'robot' }] } },
      visitors: { use: 'anonymous' },
    },
    listeners: { public: { bind: '127.0.0.1:0', auth: ['keys', 'visitors'] } },
    channels: [{ match: 'room:*' }],
    conflict: [{ channel: 'room:strict', use: 'server_wins' }, { use: 'server_order' }],
    api: { tickets: 1, response_bytes: '4KiB', event_channels: 1 },
    limits: { record_bytes: '8KiB' },
    pipelines: {
      default: [{
        use: 'acl',
        with: { rules: [{ channel: 'room:secret', allow: [] }, { channel: '*', allow: ['read', 'write'] }] },
      }],
    },
  },
});

const openapi = read(openapiFile);
const asyncapi = read(asyncapiFile);
const { pipelines } = await (await server.fetch('/api/realtime')).json();
const hasHistory = 'history' in pipelines;

/** Every response that the document names: "get /path 200" -> whether it happened. */
const described = new Map();
for (const [path, item] of Object.entries(openapi.paths)) {
  for (const method of ['get', 'post']) {
    for (const status of Object.keys(item[method]?.responses ?? {})) {
      described.set(`${method} ${path} ${status}`, false);
    }
  }
}
// These two are of servers with and without a type that reads the log.
const other = hasHistory ? '501' : '200';
described.delete(`get /api/channels/{channel}/ops ${other}`);

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
  await make('get', ops, { status: hasHistory ? 200 : 501, names: room });
  await make('get', ops, { status: 400, names: room, query: '?limit=0' });
  if (hasHistory) await make('get', ops, { status: 401, names: room, ...stranger });
  else described.delete(`get ${ops} 401`);
});

test('messages without a WebSocket', async () => {
  const op = { type: 'op', id: 1, channel: 'room:2', n: 1, key: 'a', kind: 'set', value: 1 };
  const { body } = await make('post', realtime, {
    status: 200, json: { client, messages: [op, { type: 'nothing', id: 2 }], cursors: [{ channel: 'room:2' }] },
  });
  const valid = { ...messageValidators() };
  for (const message of [...body.replies, ...body.updates]) {
    assert.ok(valid[message.type](message), JSON.stringify([message, valid[message.type].errors]));
  }
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
  const silent = await Raw.connect(mine.port);
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

function messageValidators() {
  const valid = validators(asyncapi);
  return Object.fromEntries(Object.keys(asyncapi.components.messages)
    .map((name) => [name, valid(`/components/messages/${name}/payload`)]));
}

test('docs/asyncapi.yaml knows every message type of the server', () => {
  const known = asyncapi.operations.fromClient.messages.map(({ $ref }) => $ref.split('/').at(-1));
  assert.deepEqual(Object.keys(pipelines).filter((type) => !known.includes(type)), []);
});

test('every message over a WebSocket is as docs/asyncapi.yaml says', async () => {
  const valid = messageValidators();
  const seen = new Set();
  const connection = await Connection.open(server);
  const hold = (message) => {
    const check = valid[message.type];
    assert.ok(check, `${message.type} is not described`);
    assert.ok(check(message), JSON.stringify([message, check.errors]));
    seen.add(message.type);
  };
  const op = (n, change, more = {}) => ({ type: 'op', id: n + 10, channel: 'room:strict', n, key: 'b', ...change, ...more });
  const said = [
    { type: 'hello', id: 1, protocol: 1, client: randomClient() }, { type: 'ping', id: 2 },
    { type: 'subscribe', id: 3, channel: 'room:strict' },
    op(1, { kind: 'set', value: { a: 1 } }), op(1, { kind: 'set', value: { a: 1 } }),
    op(2, { kind: 'increment', path: '/a', by: 1 }), op(3, { kind: 'increment', path: '', by: 1 }),
    op(4, { kind: 'delete' }), op(9, { kind: 'delete' }),
    { type: 'op', id: 'void', channel: 'room:strict', n: 5, kind: 'void' },
    op(6, { kind: 'set', value: 3, key: 'a' }, { base: 0 }),
    { type: 'get', id: 4, channel: 'room:strict' }, { type: 'unsubscribe', id: 5, channel: 'room:strict' },
    { type: 'nothing', id: 6 },
  ];
  for (const message of said) {
    if (valid[message.type]) assert.ok(valid[message.type](message), JSON.stringify(message));
    hold(await connection.request(message));
  }
  for (const message of connection.inbox) hold(message);
  const resumed = await Connection.hello(server, {
    resume: [{ channel: 'room:strict', epoch: connection.inbox.find(({ type }) => type === 'snapshot').epoch, seq: 1 }],
  });
  await resumed.next({ type: 'live' });
  for (const message of resumed.inbox) hold(message);
  const unseen = asyncapi.operations.toClient.messages.map(({ $ref }) => $ref.split('/').at(-1))
    .filter((name) => !seen.has(name));
  assert.deepEqual(unseen, []);
});

// SPDX-License-Identifier: Apache-2.0
// What docs/openapi.yaml describes is what the server does: each response of each operation is made to
// happen and held against its schema. messages.test.mjs does the same with docs/asyncapi.yaml.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, test } from 'node:test';

import { randomClient } from '../node/lib/connection.mjs';
import { curl } from '../node/lib/curl.mjs';
import { Raw } from '../node/lib/raw.mjs';
import { startServer } from '../node/lib/server.mjs';
import { escaped, openapiFile, read, resolved, validators } from './documents.mjs';

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
    channels: [{ match: 'room:*', presence: true }],
    conflict: [{ channel: 'room:strict', use: 'server_wins' }, { use: 'server_order' }],
    api: { tickets: 1, response_bytes: '4KiB', event_channels: 1 },
    limits: { record_bytes: '8KiB' },
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
const conflicts = '/api/channels/{channel}/conflicts';
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
  await make('get', ops, { status: 200, names: room, query: '?values=true' });
  const { body: { digest } } = await make('get', channel, { status: 200, names: room, query: '?digest=true' });
  assert.match(digest, /^[0-9a-f]{64}$/);
  const open = await make('get', conflicts, { status: 200, names: room });
  assert.deepEqual(open.body.records, []);
  await make('get', conflicts, { status: 304, names: room, ...ifNone(open) });
  await make('get', conflicts, { status: 400, names: { channel: '$room' } });
  await make('get', conflicts, { status: 401, names: room, ...stranger });
  await make('get', conflicts, { status: 403, names: { channel: 'room:secret' } });
  await make('get', conflicts, { status: 404, names: { channel: 'elsewhere' } });
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
  messages.push({ type: 'nothing', id: 10 });
  const { body } = await make('post', realtime, {
    status: 200, json: { client, messages, cursors: [{ channel: 'room:2' }] },
  });
  assert.deepEqual(body.replies.map(({ re }) => re).sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(body.replies.filter(({ type }) => type === 'error').map(({ re }) => re), [10]);
  for (const type of ['subscribe', 'presence']) assert.equal(request({ type, channel: 'room:2' }), false, type);
  await make('post', realtime, { status: 400, json: { client: 1 } });
  await make('post', realtime, { status: 401, json: { client }, headers: { Authorization: 'Bearer robot.x' } });
  const evil = { ...robot, Origin: 'https://evil.example' };
  await make('post', realtime, { status: 403, json: { client }, headers: evil });
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
  // Each on a connection of its own, for an answer is the last one by then; known to the server before.
  const asked = [['GET', '/readyz', 'Health'], ['POST', realtime, 'Error']];
  const connections = await Promise.all(asked.map(async () => {
    const http = await Raw.connect(mine.port);
    http.request('GET', '/readyz');
    assert.equal((await http.response()).status, 200);
    return http;
  }));
  mine.kill('SIGTERM');
  await silent.closeCode();
  for (const [i, [method, path, schema]] of asked.entries()) {
    const http = connections[i];
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

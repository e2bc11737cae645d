// SPDX-License-Identifier: Apache-2.0
// A line of the log says which connection, session, message and trace it is about.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { testPlugins } from './lib/build.mjs';
import { Connection, randomClient } from './lib/connection.mjs';
import { startServer } from './lib/server.mjs';

const trace = (id) => `00-${id.repeat(32)}-00f067aa0ba902b7-01`;

const start = (t, log, more = {}) => startServer(t, {
  config: {
    log,
    plugins: { load: [path.join(testPlugins, 'libtest_witness.so')] },
    pipelines: { default: [{ use: 'witness' }] },
    ...more,
  },
});

/** The line about a message of that type, as an object. */
const seen = async (server, type) =>
  JSON.parse((await server.line(new RegExp(`^\\{.*: saw ${type} by .*$`)))[0]);

test('as JSON each line is an object with what it is about', async (t) => {
  const server = await start(t, { format: 'json' });
  const one = await Connection.hello(server, { headers: { traceparent: trace('a') } });
  await one.request({ type: 'ping', id: 'my "own" id' });
  const ping = await seen(server, 'ping');
  assert.equal(ping.level, 'info');
  assert.match(ping.message, /^default\.witness: saw ping by ws$/);
  assert.match(ping.connection, /^\d+\.\d+$/);
  assert.equal(ping.session, one.welcome.session);
  assert.equal(ping.message_id, 'my "own" id');
  assert.equal(ping.traceparent, trace('a'));
  const hello = await seen(server, 'hello');
  assert.equal(hello.session, undefined, 'there is none yet');
  assert.equal(hello.connection, ping.connection);
});

test('the trace of a message counts before that of its connection, if it is one', async (t) => {
  const server = await start(t, { format: 'json' });
  const one = await Connection.hello(server, { headers: { traceparent: trace('a') } });
  await one.request({ type: 'get', channel: 'c', traceparent: trace('b') });
  assert.equal((await seen(server, 'get')).traceparent, trace('b'));
  await one.request({ type: 'ping', traceparent: '00-nonsense' });
  assert.equal((await seen(server, 'ping')).traceparent, trace('a'));
  const two = await Connection.hello(server, { headers: { traceparent: `00-${'0'.repeat(50)}` } });
  await two.request({ type: 'unsubscribe', channel: 'c' });
  assert.equal((await seen(server, 'unsubscribe')).traceparent, undefined);
});

test('a request has its trace from its header', async (t) => {
  const server = await start(t, { format: 'json' });
  const response = await server.fetch('/api/realtime', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', traceparent: trace('c') },
    body: JSON.stringify({
      client: randomClient(),
      messages: [{ type: 'get', id: 7, channel: 'c' }],
    }),
  });
  assert.equal(response.status, 200);
  const line = await seen(server, 'get');
  assert.equal(line.traceparent, trace('c'));
  assert.equal(line.message_id, '7');
  assert.match(line.session, /^[0-9a-f]{32}$/);
});

test('as text the same stands behind the sentence', async (t) => {
  const server = await start(t, { format: 'text' });
  const one = await Connection.hello(server, { headers: { traceparent: trace('d') } });
  await one.request({ type: 'ping', id: 5 });
  const [line] = await server.line(/^.* info default\.witness: saw ping .*$/);
  assert.match(line, new RegExp(` connection=\\d+\\.\\d+ session=${one.welcome.session} `
    + `message_id=5 traceparent=${trace('d')}$`));
});

test('a client writes no line of its own', async (t) => {
  const server = await start(t, { format: 'text' });
  const one = await Connection.hello(server);
  await one.request({ type: 'ping', id: `x\n2024-01-01T00:00:00.000Z error forged ${'y'.repeat(500)}` });
  const [line] = await server.line(/^.*saw ping.*$/);
  assert.match(line, /message_id=x\\u000a2024/);
  assert.ok(line.length < 400);
  assert.ok(!server.lines.some((other) => other.startsWith('2024-01-01')));
});

test('at the level debug it tells who came, what was refused and who went', async (t) => {
  const server = await start(t, { format: 'json', level: 'debug' });
  const one = await Connection.hello(server);
  const line = async (pattern) => JSON.parse((await server.line(pattern))[0]);
  const connected = await line(/^\{.*"connected: user .*$/);
  assert.equal(connected.session, one.welcome.session);
  await one.request({ type: 'no such type', id: 9 });
  const refused = await line(/^\{.*"refused 'no such type': 1103 .*$/);
  assert.equal(refused.message_id, '9');
  assert.equal(refused.connection, connected.connection);
  await one.close(1000);
  const gone = await line(/^\{.*"disconnected: 1000 .*$/);
  assert.equal(gone.connection, connected.connection);
});

test('who was not let in is told with the trace of their request', async (t) => {
  const server = await start(t, { format: 'json' }, {
    auth: {
      keys: { use: 'api_key', with: { keys: [
        { id: 'a', hash: `sha256:${'0'.repeat(64)}`, user: 'a' }] } },
    },
    listeners: { public: { bind: '127.0.0.1:0', auth: ['keys'] } },
  });
  const response = await server.fetch('/api/channels/c', {
    headers: { traceparent: trace('e'), Authorization: 'Bearer a.nonsense' },
  });
  assert.equal(response.status, 401);
  const [text] = await server.line(/^\{.*not authenticated.*$/);
  assert.equal(JSON.parse(text).traceparent, trace('e'));
});

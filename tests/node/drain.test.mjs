// SPDX-License-Identifier: Apache-2.0
// A server that goes down: who may still come, what is still answered, and what each is told.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { testPlugins } from './lib/build.mjs';
import { Connection, randomClient } from './lib/connection.mjs';
import { Events } from './lib/events.mjs';
import { Raw } from './lib/raw.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';
import { again, deferred, within } from './lib/within.mjs';

const hints = { retry_after: '1500ms', spread: '2s' };
const isHint = (ms) => ms >= 1_500 && ms <= 3_500;
const json = { 'Content-Type': 'application/json' };
const visitor = () => ({ 'Syncline-Client': randomClient() });
const op = (n, value = n) => ({ type: 'op', id: n, channel: 'c', n, key: 'k', kind: 'set', value });
const post = (server, ...messages) => server.fetch('/api/realtime', {
  method: 'POST', headers: json, body: JSON.stringify({ client: randomClient(), messages }),
});

/** Handlers that answer once a file is there. */
const blocking = (until) => Object.fromEntries(['blocks_as_declared', 'blocks_undeclared'].map(
  (use) => [use, [{ use, with: { until, seconds: 600 }, timeout: '10m' }]]));

/** Asks on a connection that is open already. */
async function ask(raw, method, target, headers = {}, body = '') {
  raw.request(method, target, { ...headers, ...(body && { 'Content-Length': body.length }) });
  raw.write(body);
  const { status, headers: told, body: text } = await raw.response();
  return { status, told, body: text && JSON.parse(text) };
}

/** Whether somebody listens. */
async function isOpen(port) {
  const answered = deferred();
  const socket = net.connect(port, '127.0.0.1', () => answered.resolve(true));
  socket.on('error', () => answered.resolve(false));
  const open = await within(answered.promise, 'an answer to a connect');
  socket.destroy();
  return open;
}

/** It takes as long as there are clients, one in a second; the test ends it before. */
async function slowDrain(t, server, count = 60) {
  const silent = await Promise.all(Array.from({ length: count }, async () => {
    const raw = await Raw.connect(server.port);
    assert.equal((await raw.upgrade()).status, 101);
    return raw;
  }));
  t.after(() => { for (const raw of silent) raw.destroy(); });
  return silent;
}

const slow = {
  server: { shards: 2, drain_timeout: '1h' },
  drain: { notice: '0ms', per_second: 1, ...hints },
  timeouts: { session: '1h', handshake: '1h', idle: '1h' },
  listeners: {
    public: { bind: '127.0.0.1:0', auth: ['visitors'] },
    admin: { bind: '127.0.0.1:0', admin: true, api: false },
  },
};

async function endAtOnce(server) {
  server.kill('SIGTERM');
  assert.deepEqual(await within(server.exit, 'the end'), { code: 143, signal: null });
}

test('during the notice it is not ready, and takes everything all the same', async (t) => {
  const server = await startServer(t, { config: { drain: { notice: '1h' } } });
  const ann = await Connection.hello(server);
  const kept = await Raw.connect(server.port);
  const ready = await ask(kept, 'GET', '/readyz');
  assert.deepEqual([ready.status, ready.told.get('connection')], [200, 'keep-alive']);
  server.kill('SIGTERM');
  await server.line(/not ready any more; what comes is taken for another 3600000 ms/);

  const notReady = await ask(kept, 'GET', '/readyz');
  assert.deepEqual([notReady.status, notReady.told.get('connection')], [503, 'close']);
  assert.match(notReady.body.reason, /shutting down/);
  await kept.end();
  assert.equal((await server.fetch('/healthz')).status, 200);
  assert.equal((await (await server.fetch('/api/realtime')).json()).status, 'draining');

  assert.equal((await ann.request(op(1))).outcome, 'applied');
  const ben = await Connection.hello(server);
  assert.equal((await ben.request(op(1))).outcome, 'applied');
  const posted = await post(server, op(1));
  assert.equal((await posted.json()).replies[0].outcome, 'applied');
  const stream = new Events(server, [['channel', 'c']], { headers: visitor() });
  t.after(() => stream.close());
  assert.equal((await stream.next({ type: 'live' })).seq, 3);
  await endAtOnce(server);
});

test('behind the notice nobody comes in, and who asks is told when to try again', async (t) => {
  const server = await startServer(t, { config: slow });
  const [asking, upgrading, following, reading, fetching] = await Promise.all(
    Array.from({ length: 5 }, () => Raw.connect(server.port)));
  await slowDrain(t, server);
  server.kill('SIGTERM');
  await server.line(/clients are told to go/);

  assert.equal(await isOpen(server.port), false);
  const upgrade = {
    Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  const body = JSON.stringify({ client: randomClient(), messages: [op(1)] });
  const refused = {
    post: await ask(asking, 'POST', '/api/realtime', json, body),
    upgrade: await ask(upgrading, 'GET', '/ws', upgrade),
    events: await ask(following, 'GET', '/api/realtime/events?channel=c', visitor()),
    read: await ask(reading, 'GET', '/api/channels/c', visitor()),
  };
  for (const [what, { status, told, body: error }] of Object.entries(refused)) {
    assert.deepEqual([status, error.code, error.retry], [503, 1502, true], what);
    assert.ok(isHint(error.retryAfterMs), `${what}: ${error.retryAfterMs}`);
    assert.equal(told.get('retry-after'), String(Math.ceil(error.retryAfterMs / 1_000)), what);
    assert.equal(told.get('connection'), 'close', what);
  }
  const page = await ask(fetching, 'GET', '/readyz');
  assert.deepEqual([page.status, page.told.get('connection')], [503, 'close']);
  for (const raw of [asking, upgrading, following, reading, fetching]) await raw.end();
  await endAtOnce(server);
});

test('a listener for the operator alone stays until the end', async (t) => {
  const server = await startServer(t, { config: slow });
  await slowDrain(t, server);
  server.kill('SIGTERM');
  await server.line(/clients are told to go/);
  const admin = (target) => fetch(`http://127.0.0.1:${server.ports.get('admin')}${target}`);
  assert.match(await (await admin('/metrics')).text(), /^syncline_ready 0$/m);
  assert.equal((await admin('/readyz')).status, 503);
  await endAtOnce(server);
});

test('what is under way is answered before the goodbye: WebSocket and POST', async (t) => {
  const folder = temporaryFolder(t);
  const until = path.join(folder, 'until');
  const server = await startServer(t, {
    folder,
    config: {
      server: { shards: 2, drain_timeout: '1h' },
      drain: { notice: '0ms', calls: '30m', ...hints },
      plugins: { load: [path.join(testPlugins, 'libtest_blocking.so')] },
      pipelines: blocking(until),
      api: { deadline: '10m' },
    },
  });
  const ann = await Connection.hello(server);
  const asked = ann.request({ type: 'blocks_as_declared', channel: 'a' });
  const posted = post(server, op(1), { type: 'blocks_as_declared', id: 2 });
  // The op is committed, so the rest of its request has begun.
  await again(async () => (await ann.request({ type: 'get', channel: 'c' })).seq === 1, 'the op');
  server.kill('SIGTERM');
  await server.line(/shutting down/);
  await again(async () => !await isOpen(server.port), 'the door to close');
  fs.writeFileSync(until, '');
  assert.equal((await asked).type, 'unblocked');
  const response = await within(posted, 'the answer to the POST');
  assert.equal(response.status, 200);
  assert.deepEqual((await response.json()).replies.map(({ type }) => type), ['ack', 'unblocked']);
  assert.equal(response.headers.get('connection'), 'close');
  assert.equal((await ann.end()).code, 4001);
  assert.deepEqual(await within(server.exit, 'the end'), { code: 0, signal: null });
});

test('an answer that waits for room leaves before the goodbye', async (t) => {
  const COUNT = 60;
  const server = await startServer(t, {
    config: {
      server: { shards: 2, drain_timeout: '1h' }, drain: { notice: '0ms', calls: '30m', ...hints },
      limits: { outbox_bytes: '600KiB', record_bytes: '256KiB', socket_bytes: '32KiB' },
      storage: { main: { use: 'memory' } },
      listeners: slow.listeners,
    },
  });
  const ann = await Connection.hello(server);
  const text = 'x'.repeat(200_000);
  for (let n = 1; n <= COUNT; ++n) {
    const answer = await ann.request({ ...op(n, text), key: `k${n}` });
    assert.equal(answer.outcome, 'applied');
  }
  const ben = await Connection.hello(server);
  ben.socket.pause();
  ben.send({ type: 'get', id: 'all', channel: 'c' });
  ben.send({ type: 'ping', id: 'behind' });
  await ann.request({ type: 'get', channel: 'c', keys: [] });
  server.kill('SIGTERM');
  await again(async () => !await isOpen(server.port), 'the door to close');
  const admin = `http://127.0.0.1:${server.ports.get('admin')}`;
  for (let i = 0; i < 100; ++i) await (await fetch(`${admin}/api/stats`)).json();
  assert.doesNotMatch(server.output, /clients are told to go/);
  ben.socket.resume();
  for (const connection of [ben, ann]) assert.equal((await connection.end()).code, 4001);
  const got = ben.inbox.filter(({ type }) => type === 'snapshot');
  assert.equal(got.flatMap(({ records }) => records).length, COUNT);
  assert.equal(got.at(-1).more, false);
  assert.deepEqual(await within(server.exit, 'the end'), { code: 0, signal: null });
});

test('what does not end within drain.calls is answered 1502', async (t) => {
  const folder = temporaryFolder(t);
  const server = await startServer(t, {
    folder,
    config: {
      drain: { notice: '0ms', calls: '10ms', ...hints },
      plugins: { load: [path.join(testPlugins, 'libtest_blocking.so')] },
      pipelines: blocking(path.join(folder, 'never')),
      api: { deadline: '10m' },
    },
  });
  const ann = await Connection.hello(server);
  const asked = ann.request({ type: 'blocks_as_declared', channel: 'a' });
  assert.equal((await ann.request({ type: 'ping' })).type, 'pong');
  server.kill('SIGTERM');
  const refused = await asked;
  assert.deepEqual([refused.type, refused.code, refused.retry], ['error', 1502, true]);
  assert.ok(isHint(refused.retryAfterMs));
  assert.equal((await ann.end()).code, 4001);
  assert.match(server.output, /1 clients have not been answered within 10 ms \(drain\.calls\)/);
  assert.deepEqual(await within(server.exit, 'the end'), { code: 0, signal: null });
});

test('the goodbye on a WebSocket: when to come back, and 4001', async (t) => {
  const server = await startServer(t, { config: { drain: { notice: '0ms', ...hints } } });
  const ann = await Connection.hello(server);
  const early = await Connection.open(server);
  server.kill('SIGTERM');
  for (const connection of [ann, early]) {
    const { code, reason } = await connection.end();
    assert.deepEqual([code, reason], [4001, 'the server is shutting down']);
    const [told, ...more] = connection.inbox;
    assert.deepEqual({ ...told, retryAfterMs: 0 },
      { type: 'error', code: 1502, reason: 'the server is shutting down', retry: true, retryAfterMs: 0 });
    assert.ok(isHint(told.retryAfterMs), `${told.retryAfterMs}`);
    assert.deepEqual(more, []);
  }
});

test('the goodbye on a stream of events: an event, and the pause that EventSource keeps', async (t) => {
  const server = await startServer(t, { config: { drain: { notice: '0ms', ...hints } } });
  const response = await server.fetch('/api/realtime/events?channel=c', { headers: visitor() });
  assert.equal(response.status, 200);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const read = async (until) => {
    while (!until()) {
      const { value, done } = await within(reader.read(), () => `more of the stream: ${text}`);
      if (done) return true;
      text += value;
    }
    return false;
  };
  await read(() => text.includes('"live"'));
  server.kill('SIGTERM');
  assert.ok(await read(() => false), 'the stream ends');
  const event = text.trimEnd().split('\n\n').at(-1);
  const [, retry, data] = /^event: close\nretry: (\d+)\ndata: (.*)$/.exec(event) ?? assert.fail(event);
  const { retryAfterMs, ...told } = JSON.parse(data);
  assert.deepEqual(told, { code: 4001, reason: 'the server is shutting down' });
  assert.equal(retryAfterMs, Number(retry));
  assert.ok(isHint(retryAfterMs), `${retryAfterMs}`);
  assert.deepEqual(await within(server.exit, 'the end'), { code: 0, signal: null });
});

test('who does not close is cut off with server.drain_timeout', async (t) => {
  const server = await startServer(t, {
    config: { server: { shards: 1, drain_timeout: '100ms' }, drain: { notice: '0ms' } },
  });
  const silent = await Raw.connect(server.port, { allowHalfOpen: true });
  assert.equal((await silent.upgrade()).status, 101);
  server.kill('SIGTERM');
  assert.equal(await silent.closeCode(), 4001);
  assert.deepEqual(await within(server.exit, 'the end'), { code: 0, signal: null });
  assert.match(server.output, /1 connections are cut off/);
  silent.destroy();
});

test('more clients than drain.per_second can tell in time are told faster', async (t) => {
  const server = await startServer(t, {
    config: {
      server: { shards: 2, drain_timeout: '20s' }, drain: { notice: '0ms', per_second: 1 },
      timeouts: { session: '1h' },
    },
  });
  const all = await Promise.all(Array.from({ length: 40 }, () => Connection.open(server)));
  server.kill('SIGTERM');
  for (const connection of all) assert.equal((await connection.end()).code, 4001);
  assert.deepEqual(await within(server.exit, 'the end'), { code: 0, signal: null });
  assert.match(server.output, /it goes faster/);
});

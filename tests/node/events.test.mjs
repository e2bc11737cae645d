// SPDX-License-Identifier: Apache-2.0
// Server-sent events, by the npm package `eventsource`: what a WebSocket would push, without one.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import net from 'node:net';
import { after, describe, test } from 'node:test';

import { sanitizers } from './lib/build.mjs';
import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { Events, View } from './lib/events.mjs';
import { Raw } from './lib/raw.mjs';
import { startServer } from './lib/server.mjs';
import { deferred, within } from './lib/within.mjs';

const key = `robot.${crypto.randomBytes(32).toString('hex')}`;
const hash = `sha256:${crypto.createHash('sha256').update(key).digest('hex')}`;
const headers = { Authorization: `Bearer ${key}` };
const config = {
  auth: {
    keys: { use: 'api_key', with: { keys: [{ id: 'robot', hash, user: 'robot' }] } },
    visitors: { use: 'anonymous' },
  },
  listeners: { public: { bind: '127.0.0.1:0', auth: ['keys', 'visitors'] } },
  api: { event_retry: '10ms', event_channels: 3, tickets: 2, ticket_life: '1h' },
  heartbeat: { interval: '1s', pong_timeout: '1s' },
  limits: { outbox_bytes: '128KiB', record_bytes: '64KiB' },
};
const memory = { storage: { main: { use: 'memory' } } };
const server = await startServer({ after }, { config });

let lastChannel = 0;
const newChannel = () => `events ${++lastChannel}`;
const writer = await Connection.hello(server);
const numbers = new Map();
const write = (channel, value, key = 'k') => {
  const n = (numbers.get(channel) ?? 0) + 1;
  numbers.set(channel, n);
  return writer.request({ type: 'op', channel, n, key, kind: 'set', value });
};

/** Lets connections through until the test cuts them. */
async function relayTo(port, t) {
  const open = new Set();
  const relay = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => { client.destroy(); upstream.destroy(); });
    }
    client.pipe(upstream).pipe(client);
  });
  const listening = deferred();
  relay.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  t.after(() => { for (const socket of open) socket.destroy(); relay.close(); });
  return { port: relay.address().port, cut: () => { for (const socket of open) socket.destroy(); open.clear(); } };
}

describe('a stream of events', () => {
  test('gives what a WebSocket gives, each message an event', async (t) => {
    const channel = newChannel();
    await write(channel, 1);
    const events = new Events(server, { channel }, { headers });
    t.after(() => events.close());
    const socket = await Connection.hello(server);
    await socket.request({ type: 'subscribe', channel });
    await socket.next({ type: 'live' });
    await events.next({ type: 'live' });
    const seen = [];
    for (let value = 2; value <= 5; ++value) {
      await write(channel, value);
      seen.push(await socket.next({ type: 'update', seq: value }));
    }
    await events.next({ seq: 5, type: 'update' });
    assert.deepEqual(events.messages.map(({ type }) => type),
      ['subscribed', 'snapshot', 'live', 'update', 'update', 'update', 'update']);
    assert.deepEqual(events.messages.slice(3), seen);
  });

  test('that is cut goes on where it was, without a gap and without a repetition', async (t) => {
    const channels = [newChannel(), newChannel()];
    const relay = await relayTo(server.port, t);
    const query = channels.map((channel) => ['channel', channel]);
    const events = new Events(server, query, { port: relay.port, headers });
    t.after(() => events.close());
    for (const channel of channels) await events.until(
      () => events.messages.find((message) => message.type === 'live' && message.channel === channel), () => 'live');
    const rounds = 5;
    for (let round = 1; round <= rounds; ++round) {
      for (const channel of channels) for (let i = 0; i < 10; ++i) write(channel, `${round} ${i}`);
      relay.cut();
      for (const channel of channels) await write(channel, `${round} last`);
      await events.until(() => (events.opened > round ? true : undefined), () => 'the next connection');
    }
    for (const channel of channels) {
      await write(channel, 'end');
      await events.until(() => events.messages.find((message) => message.channel === channel
        && (message.updates ?? [message]).some(({ value }) => value === 'end')), () => 'the end');
    }
    const view = new View();
    for (const message of events.messages) view.take(message);
    assert.deepEqual(view.violations, []);
    for (const channel of channels) {
      assert.equal(view.channels.get(channel).seq, rounds * 11 + 1);
      assert.equal(events.messages.filter((m) => m.type === 'snapshot' && m.channel === channel).length, 1);
    }
    assert.ok(events.opened > rounds, `${events.opened} connections`);
  });

  test('begins at the cursors that are given', async (t) => {
    const [one, two] = [newChannel(), newChannel()];
    for (let value = 1; value <= 3; ++value) await write(one, value);
    const { body } = await curl(`${server.http}/api/channels/${encodeURIComponent(one)}`, { headers });
    await write(one, 4);
    const events = new Events(server, [
      ['channel', one], ['channel', two], ['cursor', `${body.epoch}:${body.seq}:${body.sum}`],
    ], { headers });
    t.after(() => events.close());
    await events.until(() => [one, two].every((channel) => events.messages
      .some((m) => m.type === 'live' && m.channel === channel)) || undefined, () => 'live in both');
    const mine = events.messages.filter(({ channel }) => channel === one);
    assert.deepEqual(mine.map(({ type }) => type), ['subscribed', 'updates', 'live']);
    assert.deepEqual(mine[1].updates.map(({ seq }) => seq), [4]);
  });

  test('is refused with a status when nothing of it may be seen or is there', async () => {
    const get = (query, more = {}) => curl(`${server.http}/api/realtime/events?${query}`, { headers: { ...headers, ...more } });
    const cases = [
      ['', 400, 1102], ['channel=', 400, 1104], ['channel=%24x', 400, 1104],
      ['channel=a&channel=a', 400, 1102], ['channel=a&channel=b&channel=c&channel=d', 429, 1402],
      ['channel=a&cursor=x', 400, 1102], ['channel=a&cursor=e:1:&cursor=e:1:', 400, 1102],
    ];
    for (const [query, status, code] of cases) {
      const answer = await get(query);
      assert.deepEqual([answer.status, answer.body.code], [status, code], query);
    }
    const id = await get('channel=a', { 'Last-Event-ID': 'nonsense' });
    assert.deepEqual([id.status, id.body.code], [400, 1102]);
  });

  test('shows that it lives, and ends when the server stops', async (t) => {
    const mine = await startServer(t, { config });
    const raw = await Raw.connect(mine.port);
    raw.request('GET', '/api/realtime/events?channel=a', headers);
    const heard = deferred();
    let text = '';
    raw.socket.on('data', (bytes) => {
      text += bytes;
      if (text.includes('\n:\n\n')) heard.resolve();
    });
    await within(heard.promise, 'a heartbeat');
    const events = new Events(mine, { channel: 'a' }, { headers });
    t.after(() => events.close());
    await events.next({ type: 'live' });
    await mine.stop();
    await events.until(() => events.closed, () => 'the goodbye');
    assert.equal(events.closed.code, 4001);
    assert.match(text, /retry: 10\n/);
    await raw.end();
    assert.match(text, /event: close\nretry: \d+\ndata: {"code":4001/);
  });
});

describe('a ticket', () => {
  const issue = (client) => curl(`${server.http}/api/realtime/ticket`, { json: { client } });

  test('opens one stream, once, as whom it was given to', async (t) => {
    const channel = newChannel();
    const client = randomClient();
    const op = { type: 'op', channel, n: 1, key: 'k', kind: 'set', value: 1 };
    await curl(`${server.http}/api/realtime`, { json: { client, messages: [op] } });
    const { status, body } = await issue(client);
    assert.deepEqual([status, body.lifeMs], [200, 3_600_000]);
    const events = new Events(server, { channel, ticket: body.ticket });
    t.after(() => events.close());
    const subscribed = await events.next({ type: 'subscribed' });
    assert.equal(subscribed.high, 1, 'the same client, so the same stream of numbers');
    const again = await curl(`${server.http}/api/realtime/events?channel=x&ticket=${body.ticket}`);
    assert.deepEqual([again.status, again.body.code], [401, 1301]);
  });

  test('is given to whom the server knows, and only so many wait', async () => {
    const nobody = await curl(`${server.http}/api/realtime/ticket`, { method: 'POST' });
    assert.deepEqual([nobody.status, nobody.body.code], [401, 1301]);
    const given = [];
    for (let i = 0; i < 3; ++i) given.push(await issue(randomClient()));
    assert.deepEqual(given.map(({ status }) => status), [200, 200, 503]);
    assert.equal(given[2].body.code, 1404);
    assert.equal(given[2].headers.get('retry-after'), '3600');
  });
});

describe('a stream that is not read', () => {
  test('costs its outbox and nobody else anything, and catches up', async (t) => {
    // With a longer patience, so that it is slow rather than dead.
    const mine = await startServer(t, {
      config: { ...config, ...memory, heartbeat: { interval: '1h', pong_timeout: '1h' } },
    });
    const from = await Connection.hello(mine);
    const raw = await Raw.connect(mine.port);
    raw.socket.pause();
    raw.request('GET', '/api/realtime/events?channel=big', headers);
    const quick = new Events(mine, { channel: 'big' }, { headers });
    t.after(() => quick.close());
    await quick.next({ type: 'live' });
    const value = 'x'.repeat(50_000);
    const count = sanitizers ? 60 : 300;
    for (let n = 1; n <= count; ++n) {
      const op = { type: 'op', channel: 'big', n, key: 'k', kind: 'set', value };
      assert.equal((await from.request(op)).type, 'ack');
    }
    await quick.next({ type: 'update', seq: count });
    // Sanitizers keep what is freed.
    if (!sanitizers) assert.ok(mine.residentBytes() < 300_000_000, `${mine.residentBytes()}`);
    const reached = deferred();
    const view = new View();
    let rest = '';
    let resyncs = 0;
    raw.socket.on('data', (bytes) => {
      const blocks = (rest + bytes.toString('latin1')).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block);
        if (!data) continue;
        const message = JSON.parse(data[1]);
        if (message.type === 'subscribed') ++resyncs;
        view.take(message);
        if (view.channels.get('big').seq === count) reached.resolve();
      }
    });
    raw.socket.resume();
    await within(reached.promise, () => `the end; at ${view.channels.get('big')?.seq}`);
    assert.deepEqual(view.violations, []);
    assert.ok(resyncs >= 2, 'it was dropped and came back');
    raw.destroy();
  });

  test('and takes nothing at all is ended', async (t) => {
    const mine = await startServer(t, { config: { ...config, ...memory } });
    const from = await Connection.hello(mine);
    const raw = await Raw.connect(mine.port);
    raw.socket.pause();
    raw.request('GET', '/api/realtime/events?channel=big', headers);
    const value = 'x'.repeat(50_000);
    const connections = async () => (await (await mine.fetch('/api/realtime')).json()).connections;
    for (let n = 1; n <= 300; ++n) {
      await from.request({ type: 'op', channel: 'big', n, key: 'k', kind: 'set', value });
    }
    const before = await connections();
    const ended = (async () => { while (await connections() >= before) await from.request({ type: 'ping' }); })();
    await within(ended, 'the end of the frozen stream');
    raw.destroy();
  });
});

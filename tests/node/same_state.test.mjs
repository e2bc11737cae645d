// SPDX-License-Identifier: Apache-2.0
// One scenario over every transport, by clients of different makes: all of it ends in the same state,
// and whoever looks, by whatever way, sees the same.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, test } from 'node:test';

import { source } from './lib/build.mjs';
import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { Events, View } from './lib/events.mjs';
import { startServer } from './lib/server.mjs';
import { deferred, within } from './lib/within.mjs';

const server = await startServer({ after });

/** What is done, op by op; every one of these has an effect but the last two. */
const changes = [
  { key: 'title', kind: 'set', value: 'Grüße ✓ "quoted"\nline' },
  { key: 'card', kind: 'set', value: { a: 1, nested: { list: [1, null, true] } } },
  { key: 'card', kind: 'merge', value: { b: 2, 'ключ': '\u{1F600}' } },
  { key: 'card', kind: 'increment', path: '/a', by: 41 },
  { key: 'gone', kind: 'set', value: 0 },
  { key: 'gone', kind: 'delete' },
  { key: 'title', kind: 'increment', path: '', by: 1 },
  { kind: 'void' },
];
const opsIn = (channel) => changes.map((change, i) => ({
  type: 'op', id: i + 1, channel, n: i + 1, ...change,
}));

async function overWebSocket(channel, client) {
  const connection = await Connection.hello(server, { client });
  const verdicts = [];
  for (const op of opsIn(channel)) verdicts.push(await connection.request(op));
  await connection.close();
  return verdicts;
}

async function overPython(channel, client) {
  const child = spawn('/usr/bin/python3', [path.join(source, 'tests/node/lib/python_client.py'), server.ws],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  const messages = [{ type: 'hello', id: 'hello', protocol: 1, client }, ...opsIn(channel)];
  child.stdin.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
  const done = deferred();
  child.on('error', done.reject);
  child.on('close', (code) => (code === 0 ? done.resolve() : done.reject(new Error(`python3: ${code}`))));
  await within(done.promise, 'the client in Python');
  return out.trim().split('\n').map((line) => JSON.parse(line)).slice(1);
}

async function overPost(channel, client) {
  const verdicts = [];
  const ops = opsIn(channel);
  // One alone, then all of them, so that the first is a resend.
  for (const messages of [ops.slice(0, 1), ops]) {
    const { body } = await curl(`${server.http}/api/realtime`, { json: { client, messages } });
    verdicts.push(...body.replies.sort((a, b) => a.re - b.re));
  }
  assert.equal(verdicts[1].outcome, 'duplicate');
  verdicts.splice(1, 1);
  return verdicts;
}

/** Each op over another transport, and each sent again over the next. */
async function overAllInTurn(channel, client) {
  const verdicts = [];
  const post = async (op) => (await curl(`${server.http}/api/realtime`, {
    json: { client, messages: [op] },
  })).body.replies[0];
  const socket = async (op) => {
    const connection = await Connection.hello(server, { client });
    const verdict = await connection.request(op);
    connection.socket.terminate();
    return verdict;
  };
  for (const [i, op] of opsIn(channel).entries()) {
    const [first, second] = i % 2 === 0 ? [socket, post] : [post, socket];
    verdicts.push(await first(op));
    const again = await second(op);
    assert.ok(again.duplicate === true || again.outcome === 'duplicate', JSON.stringify(again));
  }
  return verdicts;
}

const recordsOf = (records) => Object.fromEntries(
  records.map(({ key, value, version }) => [key, { value, version }]).sort());

/** The state of a channel by each way of looking at it. */
async function looks(channel, client) {
  const found = {};
  const got = await curl(`${server.http}/api/channels/${encodeURIComponent(channel)}`, {
    headers: { 'Syncline-Client': client },
  });
  found.get = { seq: got.body.seq, high: got.body.high, records: recordsOf(got.body.records) };
  const fromPushes = (messages) => {
    const { seq, high, records } = messages.find(({ type }) => type === 'snapshot');
    return { seq, high, records: recordsOf(records) };
  };
  const posted = await curl(`${server.http}/api/realtime`, { json: { client, cursors: [{ channel }] } });
  found.post = fromPushes(posted.body.updates);
  const { body } = await curl(`${server.http}/api/realtime/ticket`, { json: { client } });
  const events = new Events(server, { channel, ticket: body.ticket });
  await events.next({ type: 'live' });
  events.close();
  found.events = fromPushes(events.messages);
  const connection = await Connection.hello(server, { client });
  await connection.request({ type: 'subscribe', channel });
  await connection.next({ type: 'live' });
  found.socket = fromPushes(connection.inbox);
  await connection.close();
  return found;
}

const ways = { overWebSocket, overPython, overPost, overAllInTurn };
const plain = ({ re, ...verdict }) => ({ ...verdict, channel: '…' });

for (const [name, way] of Object.entries(ways)) {
  test(`${name} ends as all others do`, async (t) => {
    const channel = `same ${name}`;
    const client = randomClient();
    const watcher = new View();
    const { body } = await curl(`${server.http}/api/realtime/ticket`, { json: { client: randomClient() } });
    const events = new Events(server, { channel, ticket: body.ticket });
    t.after(() => events.close());
    await events.next({ type: 'live' });

    const verdicts = await way(channel, client);
    const expected = await overWebSocket(`expected ${name}`, client);
    assert.deepEqual(verdicts.map(plain), expected.map(plain));
    assert.deepEqual(verdicts.map(({ type, outcome, code }) => outcome ?? `${type} ${code}`), [
      ...Array(6).fill('applied'), 'error 1205', 'void',
    ]);

    const state = {
      seq: 6,
      high: 8,
      records: {
        card: { value: { a: 42, nested: { list: [1, null, true] }, b: 2, 'ключ': '\u{1F600}' }, version: 4 },
        title: { value: 'Grüße ✓ "quoted"\nline', version: 1 },
      },
    };
    for (const [how, seen] of Object.entries(await looks(channel, client))) {
      assert.deepEqual(seen, state, how);
    }
    await events.next({ type: 'update', seq: 6 });
    for (const message of events.messages) watcher.take(message);
    assert.deepEqual(watcher.violations, []);
    assert.deepEqual(watcher.channels.get(channel).records,
      Object.fromEntries(Object.entries(state.records).map(([key, { value }]) => [key, value])));
  });
}

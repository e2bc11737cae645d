// SPDX-License-Identifier: Apache-2.0
// Start, stop and restart under load, again and again: who writes goes on where it was, nothing is
// lost and nothing counts twice.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sanitizers } from './lib/build.mjs';
import { Client } from './lib/client.mjs';
import { randomClient } from './lib/connection.mjs';
import { Events, View } from './lib/events.mjs';
import { Poster } from './lib/poster.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';
import { deferred, within } from './lib/within.mjs';

const RESTARTS = sanitizers ? 6 : 25;
const WRITERS = 8;
const CHANNELS = 2;
const WINDOW = 32;
/** Ops of a writer in each life before the server is asked to stop. */
const OPS_PER_LIFE = 60;
/** What a client may see when the server goes, and come back from. */
const GOODBYES = [4001, 1012, 1001];

const channelOf = (number) => `restarts:${number % CHANNELS}`;

/** A client that keeps its window full, on a record that it shares and on one of its own. */
class Writer {
  constructor(number) {
    this.client = new Client({ channel: channelOf(number) });
    this.own = `own:${number}`;
    this.added = 0;
    this.codes = [];
    this.client.onVerdict = () => { if (this.writing) this.fill(); };
    this.client.onError = (message) => { if (message.code !== 1502) this.codes.push(message.code); };
  }

  async connect(port) {
    const live = this.client.connect(port);
    const closed = deferred();
    this.closed = closed.promise;
    this.client.socket.on('close', (code) => closed.resolve(code));
    await live;
    const goal = this.client.done + OPS_PER_LIFE;
    this.writing = true;
    this.fill();
    await this.client.until(() => this.client.done >= goal, () => `op ${goal}`);
  }

  fill() {
    while (this.client.pending.size < WINDOW) {
      this.added += 1;
      const key = this.client.n % 2 === 0 ? 'shared' : this.own;
      this.client.submit({ key, base: 0, kind: 'increment', path: '/count', by: 1 });
    }
  }

  async sentAway() {
    this.codes.push(await within(this.closed, 'the close'));
    this.writing = false;
    this.client.disconnect();
  }
}

/** Connects all, has them write, and stops the server in the middle of it. */
async function live(server, writers, poster) {
  const posting = poster.postUntilSentAway(server);
  await within(Promise.all(writers.map((writer) => writer.connect(server.port))),
    () => `all writers to write:\n${server.output}`);
  assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.output);
  await Promise.all(writers.map((writer) => writer.sentAway()));
  const answer = await posting;
  if (answer !== null) assert.deepEqual([answer.status, answer.body.code], [503, 1502]);
}

test(`${RESTARTS} restarts under load lose nothing and repeat nothing`, async (t) => {
  const folder = temporaryFolder(t);
  const config = {
    server: { shards: 2, drain_timeout: '4m' },
    drain: { notice: '0ms', calls: '1m', retry_after: '1ms', spread: '1ms' },
    channels: [{ match: '*', history: { ops: 10_000_000, bytes: '4GiB' } }],
  };
  const writers = Array.from({ length: WRITERS }, (_, i) => new Writer(i));
  const poster = new Poster('restarts:posted', 'posted');
  const client = randomClient();
  const view = new View();
  let lastEventId = '';
  for (let round = 0; round < RESTARTS; ++round) {
    const server = await startServer(t, { folder, config });
    const stream = new Events(server, [['channel', channelOf(0)]], {
      headers: { 'Syncline-Client': client, ...(lastEventId && { 'Last-Event-ID': lastEventId }) },
    });
    await stream.next({ type: 'live' });
    await live(server, writers, poster);
    const { code } = await stream.until(() => stream.closed, () => 'the close of the stream');
    assert.equal(code, 4001);
    stream.close();
    for (const { message, id } of stream.all) {
      view.take(message);
      if (id) lastEventId = id;
    }
  }

  const server = await startServer(t, { folder, config });
  const clients = writers.map((writer) => writer.client);
  await Promise.all(clients.map((one) => one.connect(server.port)));
  await Promise.all(clients.map((one) => one.allSettled()));
  await poster.settle(server);
  for (const { codes, client: { violations, modes, verdicts } } of writers) {
    assert.deepEqual(violations, []);
    assert.equal(codes.length, RESTARTS);
    assert.deepEqual(codes.filter((code) => !GOODBYES.includes(code)), [], 'no fatal code');
    assert.deepEqual(modes.filter((mode) => mode === 'reset' || mode === 'ahead'), []);
    assert.deepEqual([...verdicts.values()].filter(({ type }) => type !== 'ack'), []);
  }
  for (let at = 0; at < CHANNELS; ++at) await checkSums(writers.filter((_, i) => i % CHANNELS === at));

  assert.deepEqual([...poster.violations, ...view.violations], []);
  const { value } = await (await server.fetch('/api/channels/restarts:posted/records/posted',
    { headers: { 'Syncline-Client': randomClient() } })).json();
  assert.equal(value.count, poster.n);
  const total = clients.reduce((sum, { n }) => sum + n, poster.n);
  assert.equal(clients.reduce((sum, one) => sum + one.duplicates, 0), 0,
    'what was taken was acked before the goodbye');
  t.diagnostic(`${total} ops`);
  for (const one of clients) one.disconnect();
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});

/** The records of one channel are what its writers added, and everybody has them. */
async function checkSums(writers) {
  const head = writers.reduce((sum, { client }) => sum + client.n, 0);
  for (const { client } of writers) await client.reached(head);
  const state = writers[0].client.state();
  const sum = Object.values(state).reduce((total, { count }) => total + count, 0);
  assert.equal(sum, writers.reduce((total, { added }) => total + added, 0));
  for (const { client, own } of writers) {
    assert.deepEqual(client.state(), state);
    assert.equal(state[own].count, Math.floor(client.n / 2));
  }
}

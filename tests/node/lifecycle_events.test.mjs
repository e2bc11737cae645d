// SPDX-License-Identifier: Apache-2.0
// What happens is told to pipelines of its own, which hold up and spoil nothing.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { testPlugins } from './lib/build.mjs';
import { Connection } from './lib/connection.mjs';
import { samplesOf, sum } from './lib/prometheus.mjs';
import { run, startServer, temporaryFolder, writeConfiguration } from './lib/server.mjs';

const listeners = {
  public: { bind: '127.0.0.1:0', auth: ['visitors'] },
  admin: { bind: '127.0.0.1:0', admin: true, api: false },
};
const library = (name) => path.join(testPlugins, `lib${name}.so`);
const load = [library('test_witness')];
const kinds = ['connected', 'disconnected', 'subscribed', 'committed', 'conflict'];
const eachTo = (stage) =>
  Object.fromEntries(kinds.map((kind) => [`event.${kind}`, [{ use: 'witness', ...stage }]]));

const samples = async (server) =>
  samplesOf(await (await fetch(`http://127.0.0.1:${server.ports.get('admin')}/metrics`)).text());

const op = (n, more) => ({ type: 'op', channel: 'c', n, key: 'k', kind: 'set', value: n, ...more });

test('each of the five kinds reaches its pipeline', async (t) => {
  const server = await startServer(t, {
    config: {
      listeners, plugins: { load }, pipelines: eachTo({}),
      conflict: [{ use: 'server_wins' }],
    },
  });
  const one = await Connection.hello(server);
  const { user } = one.welcome;
  await server.line(new RegExp(`saw event.connected by event user=${user}`));
  await one.request({ type: 'subscribe', channel: 'c' });
  await server.line(new RegExp(`saw event.subscribed by event channel=c user=${user} seq=0 mode=`));
  assert.equal((await one.request(op(1, { base: 0 }))).type, 'ack');
  await server.line(new RegExp(`saw event.committed by event channel=c .*by=${user} key=k seq=1 n=1`));
  const other = await Connection.hello(server);
  assert.equal((await other.request(op(1, { base: 0 }))).type, 'conflict');
  await server.line(new RegExp(
    `saw event.conflict by event channel=c .*by=${other.welcome.user} key=k n=1`));
  await one.close(1000);
  await server.line(new RegExp(`saw event.disconnected by event user=${user} code=1000`));
  other.socket.terminate();
  await server.line(/saw event.disconnected by event user=\S+ code=1006/);
  const now = await samples(server);
  assert.equal(sum(now, 'syncline_events_total', { event: 'connected' }), 2);
  assert.equal(sum(now, 'syncline_events_total', { event: 'committed' }), 1);
  assert.equal(sum(now, 'syncline_events_dropped_total'), 0);
});

test('at the end, those who are still there are told of too', async (t) => {
  const server = await startServer(t, {
    config: { listeners, plugins: { load }, pipelines: eachTo({}) },
  });
  await Connection.hello(server);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert.match(server.output, /saw event.disconnected by event user=\S+ code=4001/);
});

test('the shipped stage that writes lines writes those of events', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'events.jsonl');
  const server = await startServer(t, {
    folder,
    config: {
      listeners,
      pipelines: { 'event.committed': [{ use: 'event_log', with: { path: file } }] },
    },
  });
  const one = await Connection.hello(server);
  for (let n = 1; n <= 3; ++n) await one.request(op(n));
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  const lines = fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, 3);
  assert.match(JSON.stringify(lines[2]), /"event\.committed".*"seq":3/);
});

test('a stage that refuses them spoils nothing', async (t) => {
  const server = await startServer(t, {
    config: { listeners, plugins: { load }, pipelines: eachTo({ with: { refuse: true } }) },
  });
  const one = await Connection.hello(server);
  await one.request({ type: 'subscribe', channel: 'c' });
  assert.equal((await one.request(op(1))).type, 'ack');
  await server.line(/saw event.committed/);
  const now = await samples(server);
  assert.equal(sum(now, 'syncline_events_refused_total', { event: 'committed' }), 1);
  assert.deepEqual(one.inbox.filter(({ type }) => type === 'error'), []);
});

test('a pipeline that hangs holds nothing up; what it has no room for is dropped', async (t) => {
  const folder = temporaryFolder(t);
  const until = path.join(folder, 'now');
  const server = await startServer(t, {
    folder,
    config: {
      server: { shards: 1, drain_timeout: '10s' },
      listeners,
      plugins: { load: [library('test_blocking')] },
      limits: { events: 5, events_under_way: 2 },
      pipelines: {
        'event.committed': [{ use: 'blocks_as_declared', with: { until }, timeout: '10m' }],
        ...Object.fromEntries(['blocks_as_declared', 'blocks_undeclared']
          .map((use) => [use, [{ use, with: { until } }]])),
      },
    },
  });
  const one = await Connection.hello(server);
  for (let n = 1; n <= 50; ++n) assert.equal((await one.request(op(n))).type, 'ack');
  const now = await samples(server);
  assert.equal(sum(now, 'syncline_events_total', { event: 'committed' }), 50);
  assert.equal(sum(now, 'syncline_events_dropped_total', { event: 'committed' }), 43);
  fs.writeFileSync(until, '');
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});

test('no client can send one', async (t) => {
  const server = await startServer(t, {
    config: { listeners, plugins: { load }, pipelines: eachTo({}) },
  });
  const one = await Connection.hello(server);
  assert.equal((await one.request({ type: 'event.committed', channel: 'c' })).code, 1103);
});

test('an event that is none is an error of the configuration', async (t) => {
  const file = writeConfiguration(temporaryFolder(t), {
    plugins: { load }, pipelines: { 'event.commited': [{ use: 'witness' }] },
  });
  const { code, output } = await run('check', '--config', file);
  assert.equal(code, 2);
  assert.match(output, /event\.committed/);
});

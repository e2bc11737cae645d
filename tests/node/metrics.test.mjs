// SPDX-License-Identifier: Apache-2.0
// What the server tells whoever runs it: /metrics, as Prometheus itself reads it, and /api/stats.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { source } from './lib/build.mjs';
import { Connection } from './lib/connection.mjs';
import { again } from './lib/within.mjs';
import { lint, samplesOf, startPrometheus, sum } from './lib/prometheus.mjs';
import { run, startServer, temporaryFolder, writeConfiguration } from './lib/server.mjs';

const listeners = {
  public: { bind: '127.0.0.1:0', auth: ['visitors'] },
  admin: { bind: '127.0.0.1:0', admin: true, api: false },
};

const server = await startServer({ after }, { config: { listeners } });
const admin = `http://127.0.0.1:${server.ports.get('admin')}`;

const metrics = async (at = admin) => {
  const response = await fetch(`${at}/metrics`);
  assert.equal(response.status, 200);
  return response.text();
};
const samples = async (at) => samplesOf(await metrics(at));
const stats = async (at = admin) => (await fetch(`${at}/api/stats`)).json();

const op = (channel, n, more = {}) =>
  ({ type: 'op', channel, n, key: 'k', kind: 'set', value: n, ...more });

test('promtool has nothing to say about the page', async () => {
  const one = await Connection.hello(server);
  await one.request({ type: 'subscribe', channel: 'lint' });
  await one.request(op('lint', 1));
  const response = await fetch(`${admin}/metrics`);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(lint(await response.text()), '');
  await one.close();
});

test('a real Prometheus scrapes it and knows what clients did', async (t) => {
  const before = await samples();
  const prometheus = await startPrometheus(t, `127.0.0.1:${server.ports.get('admin')}`);
  await prometheus.until('up{job="syncline"}', (value) => value === 1);
  const one = await Connection.hello(server);
  for (let n = 1; n <= 20; ++n) assert.equal((await one.request(op('scraped', n))).type, 'ack');
  const applied = sum(before, 'syncline_ops_total', { outcome: 'applied' }) + 20;
  await prometheus.until('syncline_ops_total{outcome="applied"}', (value) => value >= applied);
  await prometheus.until('sum(syncline_sessions{transport="ws"})', (value) => value === 1);
  await prometheus.until(
    'histogram_quantile(0.5, sum by (le) (rate(syncline_commit_seconds_bucket[1m])))',
    (value) => value > 0 && value < 5);
  await one.close();
});

test('messages by type, outcomes of ops and of stages, groups and commits are counted', async () => {
  const before = await samples();
  const one = await Connection.hello(server);
  await one.request(op('counted', 1));
  await one.request(op('counted', 1));
  assert.equal((await one.request(op('counted', 3))).code, 1207);
  assert.equal((await one.request(op('counted', 2, { kind: 'no such kind' }))).type, 'error');
  assert.equal((await one.request({ type: 'nonsense' })).code, 1103);
  await one.request({ type: 'ping' });
  const now = await samples();
  const grown = (name, labels) => sum(now, name, labels) - sum(before, name, labels);
  assert.equal(grown('syncline_messages_total', { type: 'op' }), 4);
  assert.equal(grown('syncline_messages_total', { type: 'ping' }), 1);
  assert.equal(grown('syncline_messages_total', { type: 'hello' }), 1);
  assert.equal(grown('syncline_ops_total', { outcome: 'applied' }), 1);
  assert.equal(grown('syncline_ops_total', { outcome: 'duplicate' }), 1);
  assert.ok(grown('syncline_ops_total', { outcome: 'unsettled' }) >= 1);
  assert.equal(grown('syncline_unknown_messages_total'), 1);
  assert.equal(grown('syncline_errors_total', { code: '1103' }), 1);
  assert.ok(grown('syncline_stage_messages_total', { stage: 'op.op' }) >= 3);
  assert.ok(grown('syncline_commit_seconds_count', { storage: 'main' }) >= 1);
  assert.ok(grown('syncline_commit_ops_sum', { storage: 'main' }) >= 1);
  assert.equal(sum(now, 'syncline_storage_queue_ops', { storage: 'main' }), 0);
  await one.close();
});

test('connections, disconnects by code and recoveries by mode are counted', async () => {
  const before = await samples();
  const one = await Connection.hello(server);
  const { epoch } = await one.request({ type: 'subscribe', channel: 'came back' });
  const gone = await Connection.hello(server);
  gone.socket.terminate();
  await one.request(op('came back', 1));
  await one.request({ type: 'subscribe', channel: 'came back', cursor: { epoch, seq: 0 } });
  await one.request(
    { type: 'subscribe', channel: 'came back', cursor: { epoch: 'e'.repeat(16), seq: 7 } });
  assert.equal((await one.close(1001)).code, 1001);
  const ended = (code) => again(async () => {
    const now = await samples();
    const labels = { transport: 'ws', code };
    const difference = sum(now, 'syncline_disconnects_total', labels)
      - sum(before, 'syncline_disconnects_total', labels);
    return difference > 0 && now;
  }, `a disconnect with ${code}`);
  await ended('1006');
  const now = await ended('1001');
  const grown = (name, labels) => sum(now, name, labels) - sum(before, name, labels);
  assert.equal(grown('syncline_sessions_total', { transport: 'ws' }), 2);
  assert.ok(grown('syncline_connections_accepted_total') >= 2);
  assert.equal(grown('syncline_recoveries_total', { mode: 'tail' }), 1);
  assert.equal(grown('syncline_recoveries_total', { mode: 'reset' }), 1);
  assert.equal(grown('syncline_subscribed_total'), 3);
  assert.equal(sum(now, 'syncline_subscriptions'), 0);
});

test('counters of plugins are there, by instance', async () => {
  const now = await samples();
  assert.ok(now.some(({ name, labels }) => name === 'syncline_plugin_announcements_total'
    && labels.instance === 'broker.main'));
  assert.equal(sum(now, 'syncline_plugin_misbehaviours_total'), 0);
  assert.ok(sum(now, 'syncline_plugin_well') >= 3);
});

test('no metric has more series than limits.metric_series', async (t) => {
  const small = await startServer(t, { config: { listeners, limits: { metric_series: 10 } } });
  const at = `http://127.0.0.1:${small.ports.get('admin')}`;
  const page = await metrics(at);
  assert.equal(lint(page), '');
  const now = samplesOf(page);
  const series = new Map();
  for (const { name } of now.filter((one) => one.labels.le === undefined)) {
    series.set(name, (series.get(name) ?? 0) + 1);
  }
  assert.equal(Math.max(...series.values()), 10);
  assert.ok(now.some((one) => one.name === 'syncline_messages_total'
    && one.labels.type === 'other'));
  assert.ok(sum(now, 'syncline_metric_series_folded') > 0);
});

test('every metric has its row in docs/operations.md', async () => {
  const page = await metrics();
  const told = fs.readFileSync(path.join(source, 'docs/operations.md'), 'utf8');
  const names = [...page.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1])
    .filter((name) => !/^syncline_plugin_(announcements|interests)_total$/.test(name));
  assert.ok(names.length > 40);
  assert.deepEqual(names.filter((name) => !told.includes(`| \`${name}\` |`)), []);
});

test('the statistics name what runs, who is connected and which channels are busy', async () => {
  const one = await Connection.hello(server, { headers: { 'User-Agent': 'test' } });
  await one.request({ type: 'subscribe', channel: 'busy' });
  for (let n = 1; n <= 5; ++n) await one.request(op('busy', n));
  const page = await stats();
  assert.equal(page.server.status, 'ok');
  assert.equal(page.shards.length, 2);
  assert.ok(page.shards.every((shard) => shard.answered));
  assert.ok(page.plugins.some((plugin) => plugin.instance === 'storage.main' && plugin.well));
  const pipeline = page.pipelines.find(({ type }) => type === 'op');
  assert.ok(pipeline.messages >= 5);
  assert.ok(pipeline.stages.at(-1).received >= 5);
  const channel = page.channels.listed.find((entry) => entry.channel === 'busy');
  assert.deepEqual(
    { seq: channel.seq, records: channel.records, subscribers: channel.subscribers },
    { seq: 5, records: 1, subscribers: 1 });
  assert.ok(channel.opsPerMinute > 4 && channel.opsPerMinute <= 5);
  const mine = page.connections.listed.find((entry) => entry.session === one.welcome.session);
  assert.equal(mine.user, one.welcome.user);
  assert.equal(mine.address, '127.0.0.1');
  assert.equal(mine.transport, 'ws');
  assert.equal(mine.subscriptions, 1);
  assert.equal(mine.outboxBytes, 0);
  assert.equal(page.storages[0].storage, 'main');
  await one.close();
});

test('a connection that was pinged has a round trip', async (t) => {
  const quick = await startServer(t, {
    config: { listeners, heartbeat: { interval: '1s', pong_timeout: '5s' } },
  });
  const one = await Connection.hello(quick);
  await new Promise((resolve) => { one.socket.once('ping', resolve); });
  const roundTripMs = await again(async () => {
    const page = await stats(`http://127.0.0.1:${quick.ports.get('admin')}`);
    return page.connections.listed[0].roundTripMs;
  }, 'the round trip of the ping');
  assert.ok(roundTripMs > 0);
});

test('no list of the statistics is longer than limits.stats_items', async (t) => {
  const small = await startServer(t, { config: { listeners, limits: { stats_items: 3 } } });
  const all = await Promise.all(Array.from({ length: 8 }, () => Connection.hello(small)));
  await Promise.all(all.map((one, i) =>
    one.request({ type: 'subscribe', channel: `channel ${i}` })));
  const page = await stats(`http://127.0.0.1:${small.ports.get('admin')}`);
  for (const list of [page.connections, page.channels]) {
    assert.equal(list.total, 8);
    assert.equal(list.listed.length, 3);
  }
});

test('only a listener with admin answers, to its own origin, and only to reading', async () => {
  for (const target of ['/metrics', '/api/stats']) {
    assert.equal((await fetch(server.http + target)).status, 404, target);
    const foreign = await fetch(admin + target, { headers: { Origin: 'https://evil.example' } });
    assert.equal(foreign.status, 403, target);
    const post = await fetch(admin + target, { method: 'POST', body: '{}' });
    assert.equal(post.status, 405, target);
    assert.equal(post.headers.get('allow'), 'GET, HEAD');
    const head = await fetch(admin + target, { method: 'HEAD' });
    assert.equal(head.status, 200, target);
    assert.equal(await head.text(), '');
  }
});

test('admin on an address that others can reach must be meant', async (t) => {
  const open = { bind: '0.0.0.0:0', admin: true };
  const folder = temporaryFolder(t);
  const check = (listener) =>
    run('check', '--config', writeConfiguration(folder, { listeners: { open: listener } }));
  const refused = await check(open);
  assert.equal(refused.code, 2);
  assert.match(refused.output, /error\[C206\].*tells anyone who asks about the server/);
  const meant = await check({ ...open, insecure: true });
  assert.equal(meant.code, 0, meant.output);
  assert.match(meant.output, /warning\[C207\]/);
});

// SPDX-License-Identifier: Apache-2.0
// Conflicts that are kept until somebody resolves them: who sees them, over which way, what becomes
// of them, and that no crash loses one.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { Events } from './lib/events.mjs';
import { killAt } from './lib/killer.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';
import { again } from './lib/within.mjs';

const conflict = [
  { channel: 'soon:mine:*', use: 'manual', with: { expire: { after: '1ms', then: 'mine' } } },
  { channel: 'soon:theirs:*', use: 'manual', with: { expire: { after: '1ms' } } },
  { channel: 'merged:*', use: 'three_way', with: { otherwise: 'manual' } },
  { use: 'manual', with: { expire: { after: '7d', then: 'theirs' } } },
];
const limits = { conflicts: 3 };
const headers = { 'Syncline-Client': randomClient() };

const server = await startServer({ after }, { config: { conflict, limits } });
let channelsMade = 0;
const fresh = (kind = 'plain') => `${kind}:${++channelsMade}`;

/** A client that counts its numbers. */
async function writer(channel, options, at = server) {
  const connection = await Connection.hello(at, options);
  connection.n = 0;
  connection.op = (change) => connection.request({ type: 'op', channel, n: ++connection.n, ...change });
  connection.resolve = (how) => connection.request({ type: 'resolve', channel, key: 'a', n: ++connection.n, ...how });
  connection.conflicts = async () => (await connection.request(
    { type: 'get', channel, prefix: '$conflict/' })).records;
  connection.value = async () => (await connection.request({ type: 'get', channel, keys: ['a'] })).records[0]?.value;
  return connection;
}

/** Both change /x of the same version; bob is second, and told of the conflict. */
async function collide(channel, at = server) {
  const [ann, bob] = [await writer(channel, {}, at), await writer(channel, {}, at)];
  await ann.op({ key: 'a', kind: 'set', value: { x: 1, y: 1 } });
  await ann.op({ key: 'a', kind: 'merge', value: { x: 2, y: 2 } });
  const told = await bob.op({ key: 'a', kind: 'merge', value: { x: 3 }, base: 1 });
  assert.equal(told.type, 'conflict', JSON.stringify(told));
  return { ann, bob, told };
}

describe('a conflict that is kept', () => {
  test('is told to its sender, and a record that subscribers, readers and the log have', async () => {
    const channel = fresh();
    const watcher = await Connection.hello(server);
    await watcher.request({ type: 'subscribe', channel });
    await watcher.next({ type: 'live' });
    const events = new Events(server, { channel }, { headers });
    await events.next({ type: 'live' });
    const { ann, bob, told } = await collide(channel);
    assert.deepEqual([told.conflict, told.version, told.theirs, told.mine], ['3', 2, { x: 2, y: 2 }, { x: 3, y: 1 }]);

    const update = await watcher.next({ type: 'update', key: `$conflict/${told.conflict}` });
    assert.deepEqual([update.seq, update.user, update.origin, update.n], [3, '$server', undefined, undefined]);
    const { at, ...value } = update.value;
    assert.equal(typeof at, 'number');
    assert.deepEqual(value, {
      key: 'a', paths: ['/x'], base: { x: 1, y: 1 }, mine: { x: 3, y: 1 }, theirs: { x: 2, y: 2 }, version: 2,
      authors: { mine: bob.welcome.user, theirs: ann.welcome.user }, n: 1, origin: bob.welcome.origin,
      op: { kind: 'merge', value: { x: 3 } }, expires: { at: at + 7 * 86_400_000, take: 'theirs' },
    });
    const event = await events.next({ type: 'update', key: update.key });
    assert.deepEqual(event.value, update.value);
    events.close();

    const record = { key: update.key, version: 3, value: update.value };
    assert.deepEqual(await ann.conflicts(), [record]);
    const { status, body } = await curl(`${server.http}/api/channels/${encodeURIComponent(channel)}/conflicts`, { headers });
    assert.equal(status, 200);
    assert.deepEqual(body.records, [record]);
    const log = await ann.request({ type: 'history', channel, from: 3 });
    assert.deepEqual(log.updates.map(({ key, user }) => [key, user]), [[record.key, '$server']]);
    const late = await Connection.hello(server);
    await late.request({ type: 'subscribe', channel });
    const snapshot = await late.next({ type: 'snapshot' });
    assert.deepEqual(snapshot.records.find(({ key }) => key === record.key), record);
    for (const each of [watcher, late, ann, bob]) await each.close();
  });

  test('is resolved by whoever is first, in one entry for all', async () => {
    const channel = fresh();
    const { ann, bob, told } = await collide(channel);
    await ann.request({ type: 'subscribe', channel });
    await ann.next({ type: 'live' });
    const base = told.version;
    const [first, second] = await Promise.all([
      ann.resolve({ conflict: told.conflict, base, take: 'mine' }),
      bob.resolve({ conflict: told.conflict, base, value: { x: 'bob' } }),
    ]);
    const lost = [first, second].find(({ type }) => type === 'error');
    assert.deepEqual([lost.code, lost.settled, lost.detail], [1204, true, { conflict: told.conflict }]);
    const update = await ann.next({ type: 'update', seq: 4 });
    assert.deepEqual(update.ops.map(({ key, kind }) => [key, kind]).at(-1), [`$conflict/${told.conflict}`, 'delete']);
    assert.deepEqual(await ann.conflicts(), []);
    const won = lost === first ? { x: 'bob' } : { x: 3, y: 2 };
    assert.deepEqual(await bob.value(), won);
    for (const each of [ann, bob]) await each.close();
  });

  test('stays open while the decision is about an older version', async () => {
    const { ann, bob, told } = await collide(fresh());
    await ann.op({ key: 'a', kind: 'merge', value: { y: 9 } });
    const again_ = await bob.resolve({ conflict: told.conflict, base: told.version, take: 'mine' });
    assert.deepEqual([again_.type, again_.conflict, again_.version, again_.theirs],
      ['conflict', told.conflict, 4, { x: 2, y: 9 }]);
    const ack = await bob.resolve({ conflict: told.conflict, base: again_.version, take: 'theirs' });
    assert.deepEqual([ack.outcome, ack.key], ['applied', `$conflict/${told.conflict}`]);
    assert.deepEqual(await bob.value(), { x: 2, y: 9 });
    for (const each of [ann, bob]) await each.close();
  });

  test('comes of another strategy\'s `otherwise` too', async () => {
    const { ann, bob, told } = await collide(fresh('merged'));
    assert.ok(told.conflict);
    assert.equal((await bob.conflicts()).length, 1);
    for (const each of [ann, bob]) await each.close();
  });

  test('resolves itself when its time is over', async () => {
    for (const [kind, value] of [['soon:mine', { x: 3, y: 2 }], ['soon:theirs', { x: 2, y: 2 }]]) {
      const { ann, bob } = await collide(fresh(kind));
      await again(async () => (await ann.conflicts()).length === 0, `the end of the conflict of ${kind}`);
      assert.deepEqual(await ann.value(), value);
      for (const each of [ann, bob]) await each.close();
    }
  });

  test('is told and not kept when too many are open', async () => {
    const { ann, bob } = await collide(fresh());
    for (let open = 1; open < limits.conflicts; ++open) {
      assert.ok((await bob.op({ key: 'a', kind: 'set', value: 0, base: 1 })).conflict);
    }
    const told = await bob.op({ key: 'a', kind: 'set', value: 0, base: 1 });
    assert.deepEqual([told.type, told.conflict, told.settled], ['conflict', undefined, true]);
    assert.equal((await bob.conflicts()).length, limits.conflicts);
    for (const each of [ann, bob]) await each.close();
  });

  test('is nobody\'s to write', async () => {
    const { ann, bob, told } = await collide(fresh());
    const key = `$conflict/${told.conflict}`;
    for (const change of [{ key, kind: 'delete' }, { key, kind: 'set', value: 1 }]) {
      const refused = await bob.op(change);
      assert.deepEqual([refused.code, refused.settled], [1104, true]);
    }
    const { status } = await curl(`${server.http}/api/channels/plain/records/${encodeURIComponent(key)}`,
      { json: { kind: 'delete' }, headers: { ...headers, 'Idempotency-Key': 'k' } });
    assert.equal(status, 400);
    assert.equal((await bob.conflicts()).length, 1);
    for (const each of [ann, bob]) await each.close();
  });

  test('is resolved over POST, whose answer is that of an op', async () => {
    const channel = fresh();
    const { ann, bob, told } = await collide(channel);
    const message = { type: 'resolve', id: 1, channel, key: 'a', n: 1, conflict: told.conflict, value: 5 };
    const { body } = await curl(`${server.http}/api/realtime`, { json: { client: randomClient(), messages: [message] } });
    assert.deepEqual([body.replies[0].type, body.replies[0].outcome], ['ack', 'applied']);
    assert.equal(await ann.value(), 5);
    for (const each of [ann, bob]) await each.close();
  });
});

test('a kill loses neither the conflict nor what it was resolved to', async (t) => {
  const folder = temporaryFolder(t);
  const config = { conflict: [{ use: 'manual' }] };
  const lives = async () => startServer(t, { folder, config });
  const killed = async (life) => {
    life.child.kill('SIGKILL');
    await life.exit;
  };
  const first = await lives();
  const { ann, bob, told } = await collide('room', first);
  const records = await ann.conflicts();
  await killed(first);

  const second = await lives();
  const back = await writer('room', { client: bob.client }, second);
  const repeated = await back.op({ key: 'a', kind: 'merge', value: { x: 3 }, base: 1 });
  assert.deepEqual([repeated.duplicate, repeated.conflict], [true, told.conflict]);
  assert.deepEqual(await back.conflicts(), records);
  const how = { conflict: told.conflict, base: told.version, take: 'mine' };
  assert.equal((await back.resolve(how)).outcome, 'applied');
  await killed(second);

  const third = await lives();
  const last = await writer('room', { client: bob.client }, third);
  last.n = 1;
  assert.deepEqual(await last.conflicts(), []);
  assert.deepEqual(await last.value(), { x: 3, y: 2 });
  assert.equal((await last.resolve(how)).original, 'applied');
  await last.close();
});

test('no kill, in whatever phase of a commit, parts a verdict from its record', async (t) => {
  const folder = temporaryFolder(t);
  const phaseFile = path.join(folder, 'phase');
  fs.writeFileSync(phaseFile, '\0');
  const config = {
    conflict: [{ use: 'manual' }], limits: { conflicts: 100_000 }, api: { response_bytes: '256MiB' },
  };
  const start = () => startServer(t, { folder, config, environment: { SYNCLINE_PHASE_FILE: phaseFile } });
  const client = randomClient();
  let life = await start();
  const ann = await writer('room', {}, life);
  await ann.op({ key: 'a', kind: 'set', value: 'first' });
  await ann.op({ key: 'a', kind: 'set', value: 'second' });

  let high = 0;
  for (const phase of [1, 2, 3]) {
    const bob = await writer('room', { client }, life);
    bob.n = high;
    const load = async () => {
      for (;;) await bob.op({ key: 'a', kind: 'set', value: bob.n, base: 1 });
    };
    const loaded = assert.rejects(load(), /closed/);
    await killAt({ pid: life.pid, file: phaseFile, phase, delayMs: 1 });
    await life.exit;
    await loaded;
    fs.writeFileSync(phaseFile, '\0');
    life = await start();
    const reader = await writer('room', { client }, life);
    ({ high } = await reader.request({ type: 'status', channel: 'room', n: [] }));
    const numbers = Array.from({ length: high }, (_, i) => i + 1);
    const results = [];
    while (numbers.length > 0) {
      const some = numbers.splice(0, 500);
      results.push(...(await reader.request({ type: 'status', channel: 'room', n: some })).results);
    }
    assert.ok(results.every(({ type }) => type === 'conflict'));
    const told = results.map(({ n, conflict: id }) => [`$conflict/${id}`, n]);
    const { body } = await curl(`${life.http}/api/channels/room/conflicts`, { headers });
    const there = body.records.map(({ key, value }) => [key, value.n]);
    assert.deepEqual(there, told, `after a kill in phase ${phase}`);
    await reader.close();
  }
});

test('the log tells who overwrote what, so that it can be restored', async (t) => {
  const own = await startServer(t, { config: { conflict: [{ use: 'server_order' }] } });
  const [ann, bob] = [await writer('room', {}, own), await writer('room', {}, own)];
  await ann.op({ key: 'a', kind: 'set', value: { x: 1, y: 1 } });
  await ann.op({ key: 'a', kind: 'merge', value: { x: 'of ann' }, base: 1 });
  await bob.op({ key: 'a', kind: 'merge', value: { x: 'of bob' }, base: 1 });
  const log = await bob.request({ type: 'history', channel: 'room', from: 3, values: true });
  const { user, at, seq, key, kind, value, before } = log.updates[0];
  assert.deepEqual({ user, at: typeof at, seq, key, kind, value },
    { user: bob.welcome.user, at: 'number', seq: 3, key: 'a', kind: 'merge', value: { x: 'of bob' } });
  assert.deepEqual(before, [{ key: 'a', version: 2, values: [{ path: '/x', value: 'of ann' }] }]);
  const { body } = await curl(`${own.http}/api/channels/room/ops?from=3&values=true`, { headers });
  assert.deepEqual(body.updates, log.updates);
  const plain = await bob.request({ type: 'history', channel: 'room', from: 3 });
  assert.equal(plain.updates[0].before, undefined);
  assert.equal((await bob.request({ type: 'history', channel: 'room', from: 3, values: 1 })).code, 1102);
  for (const each of [ann, bob]) await each.close();
});

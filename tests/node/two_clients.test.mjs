// SPDX-License-Identifier: Apache-2.0
// Clients that share channels: order, numbers, conflicts, catching up.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client } from './lib/client.mjs';
import { Connection, randomClient } from './lib/connection.mjs';
import { startServer } from './lib/server.mjs';

const conflict = [
  { channel: 'careful:*', use: 'three_way' },
  { channel: 'strict:*', use: 'server_wins' },
  { use: 'server_order' },
];
const channels = [
  { match: 'short:*', history: { ops: 5 } },
  { match: '*', history: { ops: 10_000 } },
];

/** The records of a channel as `get` tells them, and the point they stand for. */
async function snapshotOf(connection, channel, keys) {
  const id = `get:${++connection.lastId}`;
  connection.send({ type: 'get', id, channel, ...(keys && { keys }) });
  const records = {};
  for (;;) {
    const chunk = await connection.next({ type: 'snapshot', re: id });
    for (const { key, value, version } of chunk.records) records[key] = { value, version };
    if (!chunk.more) return { ...chunk, records };
  }
}

function valuesOf(snapshot) {
  return Object.fromEntries(Object.entries(snapshot.records).sort()
    .map(([key, { value }]) => [key, value]));
}

const server = await startServer({ after }, { config: { conflict, channels } });
let channelsMade = 0;
const fresh = (kind = 'plain') => `${kind}:${++channelsMade}`;

/** A connection that is subscribed and live. */
async function subscriber(channel, options = {}) {
  const connection = await Connection.hello(server, options);
  connection.subscribed = await connection.request(
    { type: 'subscribe', channel, ...(options.cursor && { cursor: options.cursor }) });
  assert.equal(connection.subscribed.type, 'subscribed', JSON.stringify(connection.subscribed));
  connection.live = await connection.next({ type: 'live', channel });
  return connection;
}

/** Sends ops n = first, first + 1, … and waits for all verdicts. */
async function submit(connection, channel, changes, first = 1) {
  const verdicts = [];
  changes.forEach((change, i) => connection.send(
    { type: 'op', id: `op${first + i}`, channel, n: first + i, ...change }));
  for (let i = 0; i < changes.length; ++i) {
    verdicts.push(await connection.next({ re: `op${first + i}` }));
  }
  return verdicts;
}

const op = (connection, channel, change) =>
  connection.request({ type: 'op', channel, ...change });

describe('order', () => {
  test('everybody sees all ops once, in one order, with dense numbers', async () => {
    const channel = fresh();
    const [ann, ben, eve] = await Promise.all([1, 2, 3].map(() => subscriber(channel)));
    const each = 100;
    const send = (connection, name) => submit(connection, channel,
      Array.from({ length: each }, (_, i) => ({ key: `${name}:${i % 7}`, kind: 'set', value: i })));
    const verdicts = (await Promise.all([send(ann, 'ann'), send(ben, 'ben')])).flat();

    const seen = [];
    for (const connection of [ann, ben, eve]) {
      const updates = [];
      for (let seq = 1; seq <= 2 * each; ++seq) {
        updates.push(await connection.next({ type: 'update', channel }));
      }
      seen.push(updates);
    }
    assert.deepEqual(seen[0].map((update) => update.seq),
      Array.from({ length: 2 * each }, (_, i) => i + 1));
    assert.deepEqual(seen[1], seen[0], 'everybody gets the same bytes');
    assert.deepEqual(seen[2], seen[0]);
    const seqs = verdicts.map((verdict) => verdict.seq).sort((a, b) => a - b);
    assert.deepEqual(seqs, seen[0].map((update) => update.seq), 'each ack names its place');
    for (const verdict of verdicts) assert.equal(verdict.outcome, 'applied');
    const own = seen[0].filter((update) => update.origin === ann.welcome.origin);
    assert.deepEqual(own.map((update) => update.n), Array.from({ length: each }, (_, i) => i + 1));
  });

  test('an update tells who made it and nobody learns the client id', async () => {
    const channel = fresh();
    const ann = await subscriber(channel);
    await submit(ann, channel, [{ key: 'a', kind: 'set', value: { x: 1 } }]);
    const update = await ann.next({ type: 'update' });
    assert.equal(update.user, ann.welcome.user);
    assert.equal(update.origin, ann.welcome.origin);
    assert.match(update.sum, /^[0-9a-f]{16}$/);
    assert.equal(update.version, 1);
    assert.equal(typeof update.at, 'number');
    assert.ok(!JSON.stringify(update).includes(ann.client));
    assert.ok(!ann.welcome.user.includes(ann.client));
  });

  test('channels do not meet', async () => {
    const [one, other] = [fresh(), fresh()];
    const ann = await subscriber(one);
    await submit(ann, other, [{ key: 'a', kind: 'set', value: 1 }]);
    const [verdict] = await submit(ann, one, [{ key: 'a', kind: 'set', value: 1 }]);
    assert.equal(verdict.seq, 1);
    const inbox = await ann.settled();
    assert.deepEqual(inbox.filter(({ type }) => type === 'update').map((u) => u.channel), [one]);
  });

  test('after unsubscribed nothing of the channel comes', async () => {
    const channel = fresh();
    const ann = await subscriber(channel);
    const ben = await Connection.hello(server);
    await submit(ben, channel, [{ key: 'a', kind: 'set', value: 1 }]);
    await ann.next({ type: 'update', seq: 1 });
    assert.equal((await ann.request({ type: 'unsubscribe', channel })).type, 'unsubscribed');
    await submit(ben, channel, [{ key: 'a', kind: 'set', value: 2 }], 2);
    assert.deepEqual((await ann.settled()).filter(({ type }) => type === 'update'), []);
    const again = await ann.request({ type: 'unsubscribe', channel });
    assert.equal(again.code, 1202);
  });

  test('a frame may hold many messages', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    ann.send([1, 2, 3].map((n) => ({ type: 'op', id: n, channel, n, key: 'a', kind: 'set', value: n })));
    for (const n of [1, 2, 3]) assert.equal((await ann.next({ re: n })).seq, n);
  });
});

describe('concurrent edits', () => {
  /** Ann and Ben both edit what they saw at seq 1; Ann's comes first. */
  async function race(channel, ofAnn, ofBen, start = { x: 1, y: 1, list: [1, 2] }) {
    const [ann, ben] = await Promise.all([1, 2].map(() => subscriber(channel)));
    await op(ann, channel, { key: 'r', n: 1, base: 0, kind: 'set', value: start });
    await ben.next({ type: 'update', seq: 1 });
    const first = await op(ann, channel, { key: 'r', n: 2, base: 1, ...ofAnn });
    const second = await op(ben, channel, { key: 'r', n: 1, base: 1, ...ofBen });
    const { r } = valuesOf(await snapshotOf(ann, channel));
    return { ann, ben, first, second, value: r };
  }
  const merge = (value) => ({ kind: 'merge', value });

  for (const kind of ['careful', 'strict', 'plain']) {
    test(`merges of different fields both stand (${kind})`, async () => {
      const { first, second, value } = await race(fresh(kind), merge({ x: 2 }), merge({ y: 3 }));
      assert.equal(first.type, 'ack');
      assert.equal(second.type, 'ack', JSON.stringify(second));
      assert.deepEqual(value, { x: 2, y: 3, list: [1, 2] });
    });
  }

  for (const kind of ['careful', 'strict']) {
    test(`of the same field, the later one meets a conflict (${kind})`, async () => {
      const channel = fresh(kind);
      const { ann, first, second, value } = await race(channel, merge({ x: 2 }), merge({ x: 3 }));
      assert.equal(first.outcome, 'applied');
      assert.equal(second.type, 'conflict', JSON.stringify(second));
      assert.equal(second.settled, true);
      assert.deepEqual(second.paths, ['/x']);
      assert.equal(second.version, 2);
      assert.equal(second.user, ann.welcome.user);
      assert.equal(value.x, 2);
    });
  }

  test('under server_order the last to arrive wins', async () => {
    const { second, value } = await race(fresh(), merge({ x: 2 }), merge({ x: 3 }));
    assert.equal(second.type, 'ack', JSON.stringify(second));
    assert.equal(value.x, 3);
  });

  test('under three_way equal results are no conflict', async () => {
    const { second, value } = await race(fresh('careful'), merge({ x: 2 }), merge({ x: 2 }));
    assert.equal(second.type, 'ack', JSON.stringify(second));
    assert.equal(value.x, 2);
  });

  test('under three_way arrays are atomic', async () => {
    const { second, value } = await race(fresh('careful'),
      merge({ list: [0, 1, 2] }), merge({ list: [1, 2, 3] }));
    assert.equal(second.type, 'conflict');
    assert.deepEqual(second.paths, ['/list']);
    assert.deepEqual(value.list, [0, 1, 2]);
  });

  test('without a base there is no test for conflicts', async () => {
    const { second, value } = await race(fresh('strict'),
      merge({ x: 2 }), { ...merge({ x: 3 }), base: undefined });
    assert.equal(second.type, 'ack');
    assert.equal(value.x, 3);
  });

  test('a set against a merge is a conflict on the whole record', async () => {
    const { second } = await race(fresh('strict'), merge({ x: 2 }), { kind: 'set', value: 7 });
    assert.equal(second.type, 'conflict');
  });

  test('own earlier ops are no conflict, whatever the base', async () => {
    const channel = fresh('strict');
    const ann = await subscriber(channel);
    const verdicts = await submit(ann, channel, [1, 2, 3].map((x) => (
      { key: 'r', base: 0, ...merge({ x }) })));
    assert.deepEqual(verdicts.map(({ outcome }) => outcome), ['applied', 'applied', 'applied']);
  });

  test('increments of many clients add up', async () => {
    const channel = fresh('strict');
    const clients = await Promise.all(Array.from({ length: 8 }, () => Connection.hello(server)));
    const each = 25;
    const verdicts = await Promise.all(clients.map((client, i) => submit(client, channel,
      Array.from({ length: each }, () => (
        { key: 'sum', base: 0, kind: 'increment', path: '/count', by: i + 1 })))));
    assert.ok(verdicts.flat().every(({ outcome }) => outcome === 'applied'));
    const { sum } = valuesOf(await snapshotOf(clients[0], channel));
    assert.deepEqual(sum, { count: each * 36 });
  });

  test('an ack tells the value where what happened is not what was asked', async () => {
    const channel = fresh('careful');
    const { second, value } = await race(channel, merge({ x: 2 }), merge({ x: 2, y: 5 }));
    assert.equal(second.type, 'ack', JSON.stringify(second));
    assert.deepEqual(value, { x: 2, y: 5, list: [1, 2] });
  });
});

describe('numbers', () => {
  test('a resend is a duplicate with the verdict of the first', async () => {
    const channel = fresh();
    const ann = await subscriber(channel);
    const change = { key: 'a', n: 1, kind: 'increment', path: '/x', by: 5 };
    const first = await op(ann, channel, change);
    const second = await op(ann, channel, change);
    assert.equal(second.type, 'ack');
    assert.equal(second.outcome, 'duplicate');
    assert.equal(second.original, 'applied');
    assert.equal(second.seq, first.seq);
    assert.equal(second.settled, true);
    assert.deepEqual(valuesOf(await snapshotOf(ann, channel)), { a: { x: 5 } });
  });

  test('over another connection of the same client too', async () => {
    const channel = fresh();
    const client = randomClient();
    const change = { key: 'a', n: 1, kind: 'increment', path: '/x', by: 5 };
    const old = await Connection.hello(server, { client });
    const { seq } = await op(old, channel, change);
    await old.close();
    const again = await Connection.hello(server, { client });
    assert.deepEqual(
      [(await op(again, channel, change))].map(({ outcome, seq: at }) => [outcome, at]),
      [['duplicate', seq]]);
  });

  test('a conflict that is sent again is the same conflict', async () => {
    const channel = fresh('strict');
    const [ann, ben] = [await Connection.hello(server), await Connection.hello(server)];
    await op(ann, channel, { key: 'a', n: 1, base: 0, kind: 'set', value: 1 });
    const change = { key: 'a', n: 1, base: 0, kind: 'set', value: 2 };
    const first = await op(ben, channel, change);
    const second = await op(ben, channel, change);
    assert.equal(first.type, 'conflict');
    assert.equal(second.type, 'conflict');
    assert.equal(second.duplicate, true);
    assert.deepEqual(second.paths, first.paths);
  });

  test('a refusal consumes its number and is remembered', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    await op(ann, channel, { key: 'a', n: 1, kind: 'set', value: { x: 'text' } });
    const change = { key: 'a', n: 2, kind: 'increment', path: '/x', by: 1 };
    const first = await op(ann, channel, change);
    assert.deepEqual([first.type, first.code, first.settled, first.n], ['error', 1205, true, 2]);
    const second = await op(ann, channel, change);
    assert.deepEqual([second.code, second.duplicate], [1205, true]);
    assert.equal((await op(ann, channel, { key: 'a', n: 3, kind: 'set', value: 1 })).seq, 2);
  });

  test('a gap is 1207, unsettled, and names what is due', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    const error = await op(ann, channel, { key: 'a', n: 3, kind: 'set', value: 1 });
    assert.deepEqual([error.code, error.settled, error.channel, error.n], [1207, false, channel, 3]);
    assert.equal(error.expected ?? error.detail?.expected, 1);
    assert.equal((await op(ann, channel, { key: 'a', n: 1, kind: 'set', value: 1 })).seq, 1);
  });

  test('the same number with another body is 1208', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    await op(ann, channel, { key: 'a', n: 1, kind: 'set', value: 1 });
    const error = await op(ann, channel, { key: 'a', n: 1, kind: 'set', value: 2 });
    assert.equal(error.code, 1208);
    assert.deepEqual(valuesOf(await snapshotOf(ann, channel)), { a: 1 });
  });

  test('a void consumes its number, and returns what was stored before it', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    const given = await op(ann, channel, { n: 1, kind: 'void' });
    assert.deepEqual([given.type, given.outcome, given.settled], ['ack', 'void', true]);
    assert.equal(given.seq, undefined);
    const resend = await op(ann, channel, { key: 'a', n: 1, kind: 'set', value: 1 });
    assert.notEqual(resend.outcome, 'applied', 'a number that was voided is never applied');
    const applied = await op(ann, channel, { key: 'a', n: 2, kind: 'set', value: 1 });
    assert.equal(applied.seq, 1);
    const tooLate = await op(ann, channel, { n: 2, kind: 'void' });
    assert.deepEqual([tooLate.outcome, tooLate.original, tooLate.seq], ['duplicate', 'applied', 1]);
  });

  test('an op after one that was refused is 1211', async () => {
    const channel = fresh('strict');
    const [ann, ben] = [await Connection.hello(server), await Connection.hello(server)];
    await op(ann, channel, { key: 'a', n: 1, base: 0, kind: 'set', value: 1 });
    const refused = await op(ben, channel, { key: 'a', n: 1, base: 0, kind: 'set', value: 2 });
    assert.equal(refused.type, 'conflict');
    const error = await op(ben, channel,
      { key: 'a', n: 2, base: 0, after: 1, kind: 'merge', value: { y: 1 } });
    assert.deepEqual([error.code, error.settled], [1211, true]);
    const next = await op(ben, channel, { key: 'b', n: 3, base: 0, kind: 'set', value: 1 });
    assert.equal(next.outcome, 'applied');
    const built = await op(ben, channel,
      { key: 'b', n: 4, base: 0, after: 3, kind: 'set', value: 2 });
    assert.equal(built.outcome, 'applied');
  });

  test('a base ahead of the channel and another epoch are 1209', async () => {
    const channel = fresh();
    const ann = await subscriber(channel);
    const ahead = await op(ann, channel, { key: 'a', n: 1, base: 99, kind: 'set', value: 1 });
    assert.equal(ahead.code, 1209);
    const n = ahead.settled ? 2 : 1;
    const other = await op(ann, channel,
      { key: 'a', n, epoch: 'ffffffffffffffff', kind: 'set', value: 1 });
    assert.equal(other.code, 1209);
    const right = await op(ann, channel, {
      key: 'a', n: other.settled ? n + 1 : n, epoch: ann.subscribed.epoch, base: 0, kind: 'set', value: 1,
    });
    assert.equal(right.type, 'ack', JSON.stringify(right));
  });

  test('deletes take a number, and a record can come back', async () => {
    const channel = fresh();
    const ann = await subscriber(channel);
    const verdicts = await submit(ann, channel, [
      { key: 'a', kind: 'set', value: { x: 1 } },
      { key: 'a', kind: 'delete' },
      { key: 'a', kind: 'delete' },
      { key: 'never', kind: 'delete' },
      { key: 'a', kind: 'merge', value: { y: 2 } },
    ]);
    assert.deepEqual(verdicts.map(({ seq }) => seq), [1, 2, 3, 4, 5]);
    const update = await ann.next({ type: 'update', seq: 2 });
    assert.equal(update.kind, 'delete');
    assert.equal(update.deleted, true);
    assert.deepEqual(valuesOf(await snapshotOf(ann, channel)), { a: { y: 2 } });
  });

  test('only failures are answered when there is no id', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    ann.send({ type: 'op', channel, n: 1, key: 'a', kind: 'set', value: 1 });
    ann.send({ type: 'op', channel, n: 9, key: 'a', kind: 'set', value: 1 });
    const error = await ann.next({ type: 'error' });
    assert.deepEqual([error.code, error.n, error.re], [1207, 9, undefined]);
    assert.deepEqual(await ann.settled(), []);
  });
});

describe('catching up', () => {
  /** A channel with a history, seen through a client of the protocol. */
  async function story(channel, ops = 20) {
    const author = new Client({ channel });
    await author.connect(server.port);
    const write = async (count) => {
      for (let i = 0; i < count; ++i) {
        author.submit(i % 5 === 4
          ? { key: `k${i % 3}`, kind: 'delete' }
          : { key: `k${i % 4}`, kind: 'merge', value: { [`f${i % 3}`]: i } });
      }
      await author.allSettled();
    };
    await write(ops);
    return { author, write };
  }

  /** What `get` says, and what the client has come to. */
  async function equalsServer(client) {
    const connection = await Connection.hello(server);
    const snapshot = await snapshotOf(connection, client.channel);
    await client.reached(snapshot.seq);
    assert.deepEqual(client.state(), valuesOf(snapshot));
    assert.equal(client.cursor.sum, snapshot.sum);
    assert.equal(client.epoch, snapshot.epoch);
    assert.deepEqual(client.violations, []);
    await connection.close();
  }

  test('a client that joins late has all of it', async () => {
    const { author } = await story(fresh());
    const late = new Client({ channel: author.channel });
    await late.connect(server.port);
    await equalsServer(late);
    await equalsServer(author);
  });

  test('one that resumes inside the log gets the tail', async () => {
    const { author, write } = await story(fresh());
    const away = new Client({ channel: author.channel });
    await away.connect(server.port);
    away.disconnect();
    await write(30);
    const { seq } = away.cursor;
    const updates = [];
    away.onUpdate = (update) => updates.push(update.seq);
    await away.connect(server.port);
    await equalsServer(away);
    assert.equal(away.modes.at(-1), 'tail');
    assert.deepEqual(updates, Array.from({ length: 30 }, (_, i) => seq + i + 1));
  });

  test('one that has everything gets an empty tail', async () => {
    const { author } = await story(fresh());
    author.disconnect();
    await author.connect(server.port);
    assert.equal(author.modes.at(-1), 'tail');
    await equalsServer(author);
  });

  test('one that resumes outside the log gets a snapshot', async () => {
    const { author, write } = await story(fresh('short'));
    const away = new Client({ channel: author.channel });
    await away.connect(server.port);
    away.disconnect();
    await write(100);
    await away.connect(server.port);
    assert.equal(away.modes.at(-1), 'snapshot');
    await equalsServer(away);
  });

  test('one with a wrong sum is ahead, one with a seq beyond the head too', async () => {
    for (const wrong of [{ sum: '0123456789abcdef' }, { seq: 10_000 }]) {
      const { author } = await story(fresh());
      author.disconnect();
      author.cursor = { ...author.cursor, ...wrong };
      author.confirmed.set('k0', { value: 'of another history', version: 1 });
      await author.connect(server.port);
      assert.equal(author.modes.at(-1), 'ahead');
      await equalsServer(author);
    }
  });

  test('one of another epoch is reset', async () => {
    const { author } = await story(fresh());
    author.disconnect();
    author.cursor = { ...author.cursor, epoch: 'ffffffffffffffff' };
    await author.connect(server.port);
    assert.equal(author.modes.at(-1), 'reset');
    await equalsServer(author);
  });

  test('hello resumes many channels at once', async () => {
    const stories = await Promise.all([story(fresh()), story(fresh()), story(fresh())]);
    const resume = stories.map(({ author }) => ({ channel: author.channel, ...author.cursor }));
    for (const { write } of stories) await write(3);
    const ann = await Connection.hello(server, { resume });
    for (const { channel, seq } of resume) {
      const subscribed = await ann.next({ type: 'subscribed', channel });
      assert.equal(subscribed.mode, 'tail');
      assert.equal(subscribed.re, undefined);
      const live = await ann.next({ type: 'live', channel });
      assert.equal(live.seq, seq + 3);
    }
  });

  test('what was sent before the loss is resent and counts once', async () => {
    const channel = fresh();
    const ann = new Client({ channel });
    await ann.connect(server.port);
    for (let round = 0; round < 10; ++round) {
      for (let i = 0; i < 20; ++i) ann.submit({ key: 'sum', kind: 'increment', path: '/x', by: 1 });
      ann.disconnect();
      await ann.connect(server.port);
    }
    await ann.allSettled();
    await equalsServer(ann);
    assert.deepEqual(ann.state(), { sum: { x: 200 } });
  });

  test('get reads all records or those of some keys', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    await submit(ann, channel, ['a', 'b', 'c'].map((key) => ({ key, kind: 'set', value: key })));
    const all = await snapshotOf(ann, channel);
    assert.deepEqual(valuesOf(all), { a: 'a', b: 'b', c: 'c' });
    assert.deepEqual([all.seq, all.high], [3, 3]);
    const some = await snapshotOf(ann, channel, ['b', 'nothing']);
    assert.deepEqual(valuesOf(some), { b: 'b' });
  });

  test('a large channel comes in chunks', async () => {
    const channel = fresh('short');
    const ann = await Connection.hello(server);
    const text = 'x'.repeat(20_000);
    await submit(ann, channel,
      Array.from({ length: 60 }, (_, i) => ({ key: `k${i}`, kind: 'set', value: { text, i } })));
    const ben = new Client({ channel });
    await ben.connect(server.port);
    assert.equal(ben.confirmed.size, 60);
    await equalsServer(ben);
  });
});

// SPDX-License-Identifier: Apache-2.0
// Every kind of op, and batches of them, by clients that edit at the same time.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client } from './lib/client.mjs';
import { Connection } from './lib/connection.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';
import { within } from './lib/within.mjs';

const conflict = [
  { channel: 'strict:*', use: 'server_wins' },
  { use: 'server_order' },
];
const acl = {
  use: 'acl',
  with: {
    rules: [
      { channel: 'sealed:*', allow: ['read'] },
      { channel: 'deaf:*', allow: ['write'] },
      { key: 'mine:*', channel: 'keyed:*', allow: ['write'] },
      { channel: 'keyed:*', allow: ['read'] },
      { channel: '*', allow: ['read', 'write'] },
    ],
  },
};
const config = {
  conflict,
  channels: [{ match: 'short:*', history: { ops: 5 } }, { match: '*' }],
  pipelines: { default: [acl] },
  limits: { batch_ops: 40 },
};
const server = await startServer({ after }, { config });
let channelsMade = 0;
const fresh = (kind = 'plain') => `${kind}:${++channelsMade}`;

const set = (key, value, more) => ({ key, kind: 'set', value, ...more });

async function valueOf(connection, channel, key) {
  const { records } = await connection.request({ type: 'get', channel, keys: [key] });
  return records[0]?.value;
}

/** Clients that are live in one channel, gone with the test. */
async function clients(t, channel, count, on = server) {
  const made = Array.from({ length: count }, () => new Client({ channel }));
  t.after(() => { for (const client of made) client.disconnect(); });
  await Promise.all(made.map((client) => client.connect(on.port)));
  return made;
}

/** Some change of one of a few records, such that most can be applied. */
function anyChange(dice) {
  const key = `k${dice(3)}`;
  const id = () => `e${dice(6)}`;
  const list = { key, path: '/list' };
  switch (dice(11)) {
    case 0: return { key, kind: 'set', value: { list: [], set: [], n: 0 } };
    case 1: return { key, kind: 'merge', value: { [`m${dice(3)}`]: dice(100) } };
    case 2: return { key, kind: 'increment', path: '/n', by: dice(9) };
    case 3: return { key, kind: 'delete' };
    case 4: return { key, kind: 'patch', patch: [{ op: 'add', path: `/p${dice(3)}`, value: [dice(9)] }] };
    case 5: return { key, kind: 'patch', patch: [{ op: 'copy', from: '/n', path: '/m' }] };
    case 6: return { key, kind: 'add', path: '/set', value: dice(7) };
    case 7: return { key, kind: 'remove', path: '/set', value: dice(7) };
    case 8: return { ...list, kind: 'insert', element: id(), behind: 'e7', value: { v: dice(9) } };
    case 9: return { ...list, kind: 'move', element: id(), ...(dice(2) && { behind: null }) };
    default: return { ...list, kind: 'erase', element: id() };
  }
}

describe('kinds', () => {
  test('two clients use every kind at once and see the same, as does who comes late', async (t) => {
    const channel = fresh();
    const [ann, ben] = await clients(t, channel, 2);
    const seen = new Map();
    ann.onUpdate = (update) => {
      for (const { kind } of update.ops ?? [update]) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    };
    const dice = (sides) => Math.floor(Math.random() * sides);
    for (let round = 0; round < 30; ++round) {
      for (const client of [ann, ben]) {
        for (let i = 0; i < 10; ++i) {
          const base = dice(2) ? { base: client.cursor.seq } : {};
          if (dice(6) === 0) {
            client.submitBatch(...Array.from({ length: 3 }, () => ({ ...anyChange(dice), ...base })));
          } else {
            client.submit({ ...anyChange(dice), ...base });
          }
        }
      }
      if (round === 15) {
        // A connection that is lost in the middle: all that has no verdict is sent again.
        ben.disconnect();
        await ben.connect(server.port);
      }
      await Promise.all([ann.allSettled(), ben.allSettled()]);
    }
    // Whatever the dice said, each kind once.
    const row = { key: 'last', path: '/rows', element: 'x' };
    for (const change of [set('last', { n: 1 }), { key: 'last', kind: 'merge', value: { m: 1 } },
      { key: 'last', kind: 'increment', path: '/n', by: 1 },
      { key: 'last', kind: 'patch', patch: [{ op: 'move', from: '/m', path: '/k' }] },
      { key: 'last', kind: 'add', path: '/set', value: 1 },
      { key: 'last', kind: 'remove', path: '/set', value: 1 },
      { ...row, kind: 'insert', value: {} }, { ...row, kind: 'move', behind: null },
      { ...row, kind: 'erase' }, { key: 'last', kind: 'delete' }]) ben.submit(change);
    await ben.allSettled();
    const [late] = await clients(t, channel, 1);
    const { seq } = late.cursor;
    await Promise.all([ann.reached(seq), ben.reached(seq)]);
    assert.deepEqual(ann.state(), ben.state());
    assert.deepEqual(ann.state(), late.state());
    for (const client of [ann, ben, late]) assert.deepEqual(client.violations, []);
    const kinds = ['set', 'merge', 'increment', 'delete', 'patch', 'add', 'remove', 'insert', 'move',
      'erase'];
    for (const kind of kinds) assert.ok(seen.get(kind) > 0, `${kind} took effect`);
  });

  test('elements of sets and lists do not meet, the same element does', async () => {
    const channel = fresh('strict');
    const [ann, ben] = [await Connection.hello(server), await Connection.hello(server)];
    const send = (connection, n, change) =>
      connection.request({ type: 'op', channel, key: 'a', n, ...change });
    await send(ann, 1, { kind: 'set', value: { tags: [], rows: [{ id: 'x' }, { id: 'y' }] } });
    const base = 1;
    for (const [n, change] of Object.entries([
      { kind: 'add', path: '/tags', value: 'red' },
      { kind: 'insert', path: '/rows', element: 'p', behind: 'x', value: { v: 1 } },
      { kind: 'move', path: '/rows', element: 'x', behind: null },
    ])) assert.equal((await send(ann, 2 + Number(n), { ...change, base })).outcome, 'applied');
    assert.equal((await send(ben, 1, { kind: 'add', path: '/tags', value: 'blue', base })).outcome, 'applied');
    assert.equal((await send(ben, 2, { kind: 'erase', path: '/rows', element: 'y', base })).outcome, 'applied');
    const met = await send(ben, 3, { kind: 'erase', path: '/rows', element: 'x', base });
    assert.equal(met.type, 'conflict');
    assert.deepEqual(met.paths, ['/rows/x']);
    assert.deepEqual(await valueOf(ben, channel, 'a'),
      { tags: ['red', 'blue'], rows: [{ id: 'x' }, { v: 1, id: 'p' }] });
  });
});

describe('batches', () => {
  test('an atomic one is one update and one answer, a resend gets it again', async (t) => {
    const channel = fresh();
    const [ben] = await clients(t, channel, 1);
    const ann = await Connection.hello(server);
    const batch = {
      type: 'batch', channel, atomic: true, n: 1,
      ops: [set('a', { n: 1 }), { key: 'b', kind: 'increment', path: '', by: 5 },
        { key: 'a', kind: 'increment', path: '/n', by: 1 }],
    };
    const first = await ann.request(batch);
    assert.equal(first.type, 'acks');
    assert.deepEqual(first.results,
      [{ type: 'ack', channel, n: 1, seq: 1, version: 1, outcome: 'applied', settled: true }]);
    const again = await ann.request(batch);
    assert.equal(again.results[0].outcome, 'duplicate');
    assert.equal(again.results[0].original, 'applied');
    const other = await ann.request({ ...batch, ops: batch.ops.slice(1) });
    assert.equal(other.results[0].code, 1208);
    await ben.reached(1);
    assert.deepEqual(ben.state(), { a: { n: 2 }, b: 5 });
    const { results } = await ann.request({ type: 'status', channel, n: [1, 2] });
    assert.equal(results[0].original, 'applied');
    assert.equal(results[1].type, 'unknown');
  });

  test('one op that cannot be makes the whole void, and is named', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    await ann.request({ type: 'op', channel, n: 1, ...set('t', 'text') });
    const { results: [refused] } = await ann.request({
      type: 'batch', channel, atomic: true, n: 2,
      ops: [set('a', 1), { key: 't', kind: 'increment', path: '', by: 1 }],
    });
    assert.equal(refused.code, 1205);
    assert.equal(refused.settled, true);
    assert.equal(refused.detail.pointer, '/ops/1');
    assert.equal(await valueOf(ann, channel, 'a'), undefined);
    assert.equal((await ann.request({ type: 'op', channel, n: 3, ...set('a', 1) })).seq, 2);
  });

  test('one that is not atomic is its ops, one after the other', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    const ops = [{ n: 1, ...set('a', 'x') }, { n: 2, key: 'a', kind: 'increment', path: '', by: 1 },
      { n: 3, ...set('a', 'y'), after: 2 }, { n: 4, kind: 'void' }, { n: 5, ...set('a', 'z') }];
    const { results } = await ann.request({ type: 'batch', channel, ops });
    assert.deepEqual(results.map(({ outcome, code }) => outcome ?? code),
      ['applied', 1205, 1211, 'void', 'applied']);
    assert.deepEqual(results.map(({ n }) => n), [1, 2, 3, 4, 5]);
    const again = await ann.request({ type: 'op', channel, ...ops[4] });
    assert.equal(again.outcome, 'duplicate', 'as if sent singly');
    const silent = await ann.settled();
    ann.send({ type: 'batch', channel, ops: [{ n: 6, ...set('a', 1) }] });
    assert.deepEqual(await ann.settled(), silent, 'without an id nothing comes back that is well');
    ann.send({ type: 'batch', channel, ops: [{ n: 7, ...set('a', {}) }, { n: 8, kind: 'twist' }] });
    const failed = await ann.next({ type: 'acks' });
    assert.equal(failed.results[1].code, 1102);
  });

  test('what is no batch is said to be none, and consumes no number that it should not', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    const send = (members) => ann.request({ type: 'batch', channel, ...members });
    const many = (count) => Array.from({ length: count }, (_, i) => ({ n: i + 1, ...set('a', i) }));
    for (const [members, code, pointer] of [
      [{}, 1102, '/ops'],
      [{ ops: [] }, 1102, '/ops'],
      [{ ops: [{ n: 1, ...set('a', 1) }, { n: 3, ...set('a', 1) }] }, 1102, '/ops/1/n'],
      [{ ops: [7] }, 1102, '/ops/0/n'],
      [{ ops: many(41) }, 1203, '/ops'],
    ]) {
      const error = await send(members);
      assert.equal(error.type, 'error', JSON.stringify(error));
      assert.equal(error.code, code, JSON.stringify(error));
      if (pointer) assert.equal(error.detail.pointer, pointer);
    }
    assert.equal((await ann.request({ type: 'batch', channel: undefined, ops: many(1) })).code, 1102);
    const { results: [tooMany] } = await send({ atomic: true, n: 1, ops: many(41).map(({ n, ...op }) => op) });
    assert.deepEqual([tooMany.code, tooMany.settled, tooMany.n], [1203, true, 1]);
    const { results } = await send({ ops: many(40).map((op) => ({ ...op, n: op.n + 1 })) });
    assert.equal(results.at(-1).seq, 40);
  });

  test('each op goes through the stages of an op: nothing is let in by packing it', async () => {
    const ann = await Connection.hello(server);
    const keyed = fresh('keyed');
    const ops = [set('mine:1', 1), set('yours', 1)];
    const numbered = await ann.request(
      { type: 'batch', channel: keyed, ops: ops.map((op, i) => ({ n: i + 1, ...op })) });
    assert.equal(numbered.results[0].outcome, 'applied');
    assert.deepEqual([numbered.results[1].code, numbered.results[1].settled], [1303, true]);
    const { results: [atomic] } = await ann.request(
      { type: 'batch', channel: keyed, atomic: true, n: 3, ops: [set('mine:2', 1), set('yours', 1)] });
    assert.deepEqual([atomic.code, atomic.settled, atomic.detail.pointer], [1303, true, '/ops/1']);
    assert.equal(await valueOf(ann, keyed, 'mine:2'), undefined);
    const again = await ann.request({ type: 'op', channel: keyed, n: 4, ...set('mine:2', 2) });
    assert.equal(again.outcome, 'applied', 'the refusals have consumed their numbers');
    const sealed = await ann.request(
      { type: 'batch', channel: fresh('sealed'), ops: [{ n: 1, ...set('a', 1) }] });
    assert.equal(sealed.results[0].code, 1303);
  });

  test('messages behind a batch come behind it', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    ann.send([
      { type: 'batch', id: 'b', channel, ops: [{ n: 1, ...set('a', 1) }, { n: 2, ...set('a', 2) }] },
      { type: 'op', id: 'o', channel, n: 3, ...set('a', 3) },
      { type: 'batch', id: 'c', channel, atomic: true, n: 4, ops: [set('a', 4)] },
    ]);
    assert.deepEqual((await ann.next({ re: 'b' })).results.map(({ seq }) => seq), [1, 2]);
    assert.equal((await ann.next({ re: 'o' })).seq, 3);
    assert.equal((await ann.next({ re: 'c' })).results[0].seq, 4);
  });

  test('a batch is in the log and in the records after the server was stopped and started', async (t) => {
    const folder = temporaryFolder(t);
    const channel = 'kept';
    const first = await startServer(t, { folder, config });
    const [ann, ben] = await clients(t, channel, 2, first);
    ann.submit(set('a', { list: [] }));
    await Promise.all([ann.allSettled(), ben.reached(1)]);
    ben.disconnect();
    for (let i = 0; i < 200; ++i) {
      ann.submitBatch(
        { key: 'a', kind: 'insert', path: '/list', element: i, value: {}, behind: null },
        { key: 'a', kind: 'erase', path: '/list', element: i - 3 },
        i % 2 ? set('b', i) : { key: 'b', kind: 'delete' });
    }
    await ann.allSettled();
    const state = ann.state();
    assert.deepEqual(state.a.list.map(({ id }) => id), [199, 198, 197]);
    ann.disconnect();
    assert.equal((await first.stop()).code, 0);
    const second = await startServer(t, { folder, config });
    await ben.connect(second.port);
    assert.deepEqual(ben.modes.at(-1), 'tail');
    const [late] = await clients(t, channel, 1, second);
    assert.deepEqual(ben.state(), state);
    assert.deepEqual(late.state(), state);
    assert.deepEqual([...ben.violations, ...late.violations], []);
    const again = await Connection.hello(second, { client: ann.id });
    const { results } = await again.request({ type: 'status', channel, n: [201, 202] });
    assert.deepEqual(results.map(({ type }) => type), ['ack', 'unknown']);
  });

  test('what was acked is there after kill -9, and is not done twice', async (t) => {
    const folder = temporaryFolder(t);
    let life = await startServer(t, { folder, config });
    const channel = 'killed';
    const [ann] = await clients(t, channel, 1, life);
    const move = (i) => ann.submitBatch(
      { key: 'from', kind: 'increment', path: '', by: -i },
      { key: 'to', kind: 'increment', path: '', by: i },
      { key: 'log', kind: 'insert', path: '/rows', element: `r${i}`, behind: null, value: { i } });
    let moved = 0;
    for (let round = 0; round < 3; ++round) {
      for (let i = 0; i < 50; ++i) move(++moved);
      await ann.until(() => ann.verdicts.size > round * 50 + 10, () => 'some verdicts');
      life.kill('SIGKILL');
      await within(life.exit, 'its end');
      ann.disconnect();
      life = await startServer(t, { folder, config });
      await ann.connect(life.port);
      await ann.allSettled();
    }
    const [late] = await clients(t, channel, 1, life);
    await ann.reached(late.cursor.seq);
    const state = late.state();
    assert.deepEqual(ann.state(), state);
    assert.equal(state.to, moved * (moved + 1) / 2);
    assert.equal(state.from, -state.to);
    assert.equal(state.log.rows.length, moved);
    assert.deepEqual(ann.violations, []);
  });
});

describe('the log', () => {
  test('is read in parts, by who may read', async () => {
    const channel = fresh();
    const ann = await Connection.hello(server);
    for (let n = 1; n <= 7; ++n) await ann.request({ type: 'op', channel, n, ...set('a', n) });
    const read = (members) => ann.request({ type: 'history', channel, ...members });
    const some = await read({ from: 3, limit: 2 });
    assert.equal(some.type, 'updates');
    assert.deepEqual(some.updates.map(({ seq, value }) => [seq, value]), [[3, 3], [4, 4]]);
    assert.equal(some.more, true);
    assert.equal((await read({ from: 6 })).more, false);
    assert.deepEqual((await read({ from: 8, limit: 5 })).updates, []);
    for (const wrong of [{}, { from: 0 }, { from: 1.5 }, { from: '1' }, { from: 1, limit: 0 }]) {
      assert.equal((await read(wrong)).code, 1102, JSON.stringify(wrong));
    }
    const deaf = await ann.request({ type: 'history', channel: fresh('deaf'), from: 1 });
    assert.equal(deaf.code, 1303);
  });

  test('begins where it was not forgotten', async () => {
    const channel = fresh('short');
    const ann = await Connection.hello(server);
    const ops = (first) => Array.from({ length: 40 }, (_, i) => ({ n: first + i, ...set('a', i) }));
    for (let first = 1; first <= 400; first += 40) {
      await ann.request({ type: 'batch', channel, ops: ops(first) });
    }
    const { from, updates } = await ann.request({ type: 'history', channel, from: 1, limit: 1000 });
    assert.ok(from > 1, `from ${from}`);
    assert.equal(updates[0].seq, from);
    assert.equal(updates.at(-1).seq, 400);
  });
});

// SPDX-License-Identifier: Apache-2.0
// What the rules deny is denied over every route: each message over a WebSocket, in an array and over
// POST, what is resumed, what a cursor asks for, streams of events, and requests for channels.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, describe, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { startServer } from './lib/server.mjs';

const key = `robot.${crypto.randomBytes(32).toString('hex')}`;
const hash = `sha256:${crypto.createHash('sha256').update(key).digest('hex')}`;
const robot = { Authorization: `Bearer ${key}` };

const server = await startServer({ after }, {
  config: {
    storage: { main: { use: 'memory' } },
    auth: {
      keys: { use: 'api_key', with: { keys: [{ id: 'robot', hash, user: 'robot', roles: ['service'] }] } },
      visitors: { use: 'anonymous' },
    },
    listeners: { public: { bind: '127.0.0.1:0', auth: ['keys', 'visitors'] } },
    channels: [{ match: '*', presence: true }],
    conflict: [{ channel: 'box:strict:*', use: 'three_way' }, { channel: '*:kept:*', use: 'manual' }, { use: 'server_order' }],
    pipelines: {
      default: [{
        use: 'acl',
        with: {
          rules: [
            { role: 'service', allow: ['read', 'write', 'send'] },
            { channel: 'news:*', allow: ['read'] },
            { channel: 'box:*', allow: ['write'] },
            { channel: 'open:*', allow: ['read', 'write'] },
          ],
        },
      }],
    },
  },
});

let channelsMade = 0;
const fresh = (kind) => `${kind}:${++channelsMade}`;
const change = { key: 'k', kind: 'set', value: 1 };

/** Every message that is about a channel or another user; the numbers of ops are 1. */
const messages = {
  subscribe: () => ({}),
  op: () => ({ n: 1, ...change }),
  batch: () => ({ ops: [{ n: 1, ...change }, { n: 2, ...change }] }),
  'batch, atomic': () => ({ atomic: true, n: 1, ops: [change, change] }),
  resolve: () => ({ n: 1, key: 'k', conflict: '1', take: 'mine' }),
  get: () => ({}),
  history: () => ({ from: 1 }),
  publish: () => ({ data: 1 }),
  presence: () => ({ state: 1 }),
  invalidate: () => ({ keys: ['q'] }),
  send: () => ({ user: 'robot', data: 1 }),
};
const made = (name, channel) => ({
  type: name.split(',')[0], id: name, ...(name !== 'send' && { channel }), ...messages[name](),
});

/** 'ok' or the code; of a batch, of each of its results. */
const outcomeOf = (answer) => (answer.results ?? [answer])
  .map(({ code }) => code ?? 'ok').filter((each, i, all) => all.indexOf(each) === i).join(' ');

const routes = {
  'a WebSocket': async (message, client) => {
    const connection = await Connection.hello(server, { client });
    const answer = await connection.request(message);
    await connection.close();
    return answer;
  },
  'a WebSocket, in an array': async (message, client) => {
    const connection = await Connection.hello(server, { client });
    connection.send([{ type: 'ping', id: 'before' }, message, { type: 'ping', id: 'behind' }]);
    const answer = await connection.next({ re: message.id });
    await connection.next({ re: 'behind' });
    await connection.close();
    return answer;
  },
  POST: async (message, client) => {
    const { status, body } = await curl(`${server.http}/api/realtime`, { json: { client, messages: [message] } });
    assert.equal(status, 200);
    return body.replies[0];
  },
};

/** The head of a channel as somebody sees it who may see everything. */
async function headOf(channel) {
  const { body } = await curl(`${server.http}/api/channels/${channel}`, { headers: robot });
  return body.seq;
}

for (const [route, ask] of Object.entries(routes)) {
  describe(`over ${route}`, () => {
    for (const name of Object.keys(messages)) {
      test(`${name} is denied where nothing is allowed`, async () => {
        const channel = fresh('secret');
        const expected = name === 'subscribe' && route === 'POST' ? '1501' : '1303';
        assert.equal(outcomeOf(await ask(made(name, channel), randomClient())), expected);
        assert.equal(await headOf(channel), 0, 'and nothing was done');
      });
    }

    test('who may only read is denied what writes', async () => {
      for (const name of Object.keys(messages)) {
        const channel = fresh('news');
        const expected = {
          subscribe: route === 'POST' ? '1501' : 'ok', get: 'ok', history: 'ok',
          presence: route === 'POST' ? '1501' : '1202',
        };
        assert.equal(outcomeOf(await ask(made(name, channel), randomClient())), expected[name] ?? '1303', name);
        assert.equal(await headOf(channel), 0, name);
      }
    });

    test('who may only write is denied what reads', async () => {
      for (const name of Object.keys(messages)) {
        const expected = {
          op: 'ok', resolve: '1204', batch: 'ok', 'batch, atomic': 'ok', invalidate: 'ok',
          ...(route === 'POST' && { subscribe: '1501' }),
        };
        const answer = await ask(made(name, fresh('box')), randomClient());
        assert.equal(outcomeOf(answer), expected[name] ?? '1303', name);
      }
    });

    test('status tells everybody of their own numbers, and of nobody else\'s', async () => {
      const [channel, client] = [fresh('box'), randomClient()];
      await ask(made('op', channel), client);
      const status = { type: 'status', id: 's', channel, n: [1] };
      assert.equal((await ask(status, client)).results[0].original, 'applied');
      const strange = await ask(status, randomClient());
      assert.deepEqual([strange.high, strange.results[0].type], [0, 'unknown']);
    });

    test('who may only write learns from no verdict what others wrote', async () => {
      const [channel, client] = [fresh('box:strict'), randomClient()];
      const theirs = { secret: 'of the robot' };
      await curl(`${server.http}/api/channels/${channel}/records/k`, {
        json: { kind: 'set', value: theirs }, headers: { ...robot, 'Idempotency-Key': 'theirs' },
      });
      const mine = { key: 'k', kind: 'set', value: 1, base: 0 };
      const op = (n) => ({ type: 'op', id: 'o', channel, n, ...mine });
      const answers = [
        await ask(op(1), client),
        await ask(op(1), client),
        await ask({ type: 'batch', id: 'b', channel, ops: [op(2), op(3)] }, client),
        await ask({ type: 'batch', id: 'a', channel, atomic: true, n: 4, ops: [mine, { ...mine, key: 'l' }] }, client),
        await ask({ type: 'status', id: 's', channel, n: [1, 2, 3, 4] }, client),
      ];
      const verdicts = answers.flatMap((answer) => answer.results ?? [answer]);
      assert.equal(verdicts.filter(({ type }) => type === 'conflict').length, 9, JSON.stringify(answers));
      for (const verdict of verdicts) {
        assert.deepEqual([verdict.key, verdict.paths, verdict.settled], ['k', [''], true]);
        for (const member of ['base', 'mine', 'theirs', 'user', 'value']) assert.ok(!(member in verdict), member);
      }
      assert.doesNotMatch(JSON.stringify(answers), /secret|robot/);
    });

    test('a denied op has consumed its number, a denied reading nothing', async () => {
      const [channel, client] = [fresh('secret'), randomClient()];
      for (const duplicate of [undefined, true]) {
        const answer = await ask(made('op', channel), client);
        assert.deepEqual([answer.code, answer.settled, answer.duplicate], [1303, true, duplicate]);
      }
      const refused = await ask(made('get', channel), client);
      assert.deepEqual([refused.settled, refused.retry], [undefined, false]);
    });
  });
}

test('a conflict that is kept is resolved by who may write its record, and read by who may read', async () => {
  const channel = fresh('news:kept');
  const record = `${server.http}/api/channels/${channel}/records/k`;
  const write = (name, json) => curl(record, { json, headers: { ...robot, 'Idempotency-Key': name } });
  await write('1', { kind: 'set', value: 1 });
  await write('2', { kind: 'set', value: 2 });
  const { status, body } = await write('3', { kind: 'set', value: 3, base: 1 });
  assert.deepEqual([status, body.conflict], [409, '3']);
  const stranger = { 'Syncline-Client': randomClient() };
  const seen = await curl(`${server.http}/api/channels/${channel}/conflicts`, { headers: stranger });
  assert.deepEqual(seen.body.records.map(({ key }) => key), ['$conflict/3']);
  const resolve = { type: 'resolve', id: 1, channel, n: 1, key: 'k', conflict: '3', take: 'mine' };
  assert.equal((await routes.POST(resolve, randomClient())).code, 1303);
  for (const kind of ['secret', 'box']) {
    assert.equal((await curl(`${server.http}/api/channels/${fresh(kind)}/conflicts`, { headers: stranger })).status, 403);
  }
  const box = fresh('box:kept');
  await curl(`${server.http}/api/channels/${box}/records/k`,
    { json: { kind: 'set', value: 'of the robot' }, headers: { ...robot, 'Idempotency-Key': 'box' } });
  const client = randomClient();
  const op = { type: 'op', id: 1, channel: box, n: 1, key: 'k', kind: 'set', value: 1, base: 0 };
  const told = await routes.POST(op, client);
  assert.deepEqual([told.conflict, told.mine, told.theirs, told.user], ['2', undefined, undefined, undefined]);
  const stale = { ...resolve, channel: box, n: 2, conflict: '2', base: 0 };
  assert.deepEqual(await routes.POST(stale, client), {
    type: 'conflict', re: 1, channel: box, key: 'k', n: 2, conflict: '2', paths: [''], version: 1, settled: true,
  });
});

test('what hello resumes is denied one by one', async () => {
  const [secret, box, news] = [fresh('secret'), fresh('box'), fresh('news')];
  const resumed = await Connection.hello(server,
    { resume: [{ channel: secret }, { channel: box, presence: true }, { channel: news }] });
  await resumed.next({ type: 'live', channel: news });
  for (const channel of [secret, box]) {
    const error = await resumed.next({ type: 'error', channel });
    assert.deepEqual([error.code, error.re], [1303, undefined]);
  }
  assert.ok(resumed.inbox.every(({ channel }) => channel === news), JSON.stringify(resumed.inbox));
});

test('what a cursor of POST asks for is denied one by one', async () => {
  const [secret, box, news] = [fresh('secret'), fresh('box'), fresh('news')];
  const { body } = await curl(`${server.http}/api/realtime`, {
    json: { client: randomClient(), cursors: [secret, box, news].map((channel) => ({ channel })) },
  });
  const typesOf = (channel) => body.updates.filter((message) => message.channel === channel)
    .map(({ type, code }) => code ?? type);
  assert.deepEqual([secret, box].map(typesOf), [[1303], [1303]]);
  assert.deepEqual(typesOf(news), ['subscribed', 'snapshot', 'live']);
});

test('a stream of events is denied, by header and by ticket', async () => {
  const client = randomClient();
  for (const kind of ['secret', 'box']) {
    const events = `${server.http}/api/realtime/events?channel=${fresh(kind)}`;
    const { body: { ticket } } = await curl(`${server.http}/api/realtime/ticket`, { json: { client } });
    for (const [url, headers] of [[events, { 'Syncline-Client': client }], [`${events}&ticket=${ticket}`, {}]]) {
      const { status, body } = await curl(url, { headers });
      assert.deepEqual([status, body.code], [403, 1303], url);
    }
  }
});

test('requests for a channel, its log and its records are denied', async () => {
  const headers = { 'Syncline-Client': randomClient() };
  const ask = async (channel, path, options = {}) => {
    const url = `${server.http}/api/channels/${channel}${path}`;
    const { status, body } = await curl(url, { ...options, headers: { ...headers, ...options.headers } });
    return body?.code ?? status;
  };
  const write = () => ({
    json: { kind: 'set', value: 1 }, headers: { 'Idempotency-Key': crypto.randomUUID() },
  });
  for (const [kind, reading, writing] of [['secret', 1303, 1303], ['news', 200, 1303], ['box', 1303, 200]]) {
    const channel = fresh(kind);
    assert.equal(await ask(channel, '/records/k', write()), writing, kind);
    await curl(`${server.http}/api/channels/${channel}/records/k`, {
      ...write(), headers: { ...robot, 'Idempotency-Key': 'by the robot' },
    });
    for (const path of ['', '/ops', '/records/k', '/records/none']) {
      const expected = reading === 200 && path === '/records/none' ? 1204 : reading;
      assert.equal(await ask(channel, path), expected, `${kind} ${path}`);
    }
    assert.equal(await ask(channel, '/records/k', { method: 'HEAD' }), reading === 200 ? 200 : 403, kind);
    assert.equal(await headOf(channel), writing === 200 ? 2 : 1, kind);
  }
});

test('no message type of the server was left out', async () => {
  const { pipelines } = await (await server.fetch('/api/realtime')).json();
  const known = new Set(Object.keys(messages).map((name) => name.split(',')[0]));
  // These open, renew or end what is the asker's own.
  for (const own of ['hello', 'auth', 'ping', 'unsubscribe', 'status']) known.add(own);
  assert.deepEqual(Object.keys(pipelines).filter((type) => !known.has(type)), []);
});

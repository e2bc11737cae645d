// SPDX-License-Identifier: Apache-2.0
// The stages that ship, in a real server: what they refuse, what they say of it, what they write.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';

const keyOf = (id) => `${id}.${crypto.randomBytes(32).toString('hex')}`;
const hashOf = (key) => `sha256:${crypto.createHash('sha256').update(key).digest('hex')}`;

const clerkKey = keyOf('clerk');
const keys = {
  use: 'api_key',
  with: { keys: [{ id: 'clerk', hash: hashOf(clerkKey), user: 'clerk', roles: ['clerk'] }] },
};

const op = (channel, n, members) => ({ type: 'op', channel, n, key: 'k', ...members });

describe('rate_limit', async () => {
  const server = await startServer({ after }, {
    config: {
      pipelines: {
        default: [{
          use: 'rate_limit',
          with: {
            per_connection: { rate: '12/h', burst: 5 }, per_user: { rate: '12/h', burst: 8 }, costs: { hello: 0 },
          },
        }],
      },
    },
  });

  test('refuses what is too much with 1401, and says when to try again', async () => {
    const ann = await Connection.hello(server);
    for (let i = 0; i < 5; ++i) assert.equal((await ann.request({ type: 'ping' })).type, 'pong');
    const error = await ann.request({ type: 'ping' });
    assert.deepEqual([error.code, error.retry], [1401, true]);
    assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= 300_000, error.retryAfterMs);
    assert.match(error.reason, /connection/);
    const ben = await Connection.hello(server);
    assert.equal((await ben.request({ type: 'ping' })).type, 'pong', 'others do not notice');
  });

  test('leaves the number of an op, so that it counts once when it is sent again', async () => {
    const client = randomClient();
    const first = await Connection.hello(server, { client });
    const increment = (n) => op('counts', n, { kind: 'increment', path: '/x', by: 1 });
    for (let n = 1; n <= 5; ++n) assert.equal((await first.request(increment(n))).outcome, 'applied');
    const refused = await first.request(increment(6));
    assert.deepEqual([refused.code, refused.settled, refused.n], [1401, false, 6]);
    // The same user over a new connection, whose own bucket is full.
    const second = await Connection.hello(server, { client });
    assert.equal((await second.request(increment(6))).outcome, 'applied');
    const { records } = await second.request({ type: 'get', channel: 'counts' });
    assert.equal(records[0].value.x, 6);
    assert.match((await second.request({ type: 'ping' })).type, /pong/);
    const user = await second.request({ type: 'ping' });
    assert.equal(user.code, 1401, 'eight in all are this user\'s');
    assert.match(user.reason, /user/);
  });

  test('limits what a connection resumes', async () => {
    const resume = Array.from({ length: 7 }, (_, i) => ({ channel: `many:${i}` }));
    const ann = await Connection.hello(server, { resume });
    const errors = [await ann.next({ type: 'error' }), await ann.next({ type: 'error' })];
    for (const error of errors) assert.equal(error.code, 1401);
  });
});

describe('schema', async () => {
  const folder = temporaryFolder({ after });
  fs.writeFileSync(path.join(folder, 'item.json'), JSON.stringify({
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, count: { type: 'integer' } },
    additionalProperties: false,
  }));
  const server = await startServer({ after }, {
    folder,
    config: {
      pipelines: {
        op: [{
          use: 'schema',
          with: {
            records: [
              { channel: 'shop', key: 'k', schema: 'item.json' },
              { channel: 'shop', key: 'n:*', kinds: ['set'], schema: { type: 'number' } },
            ],
            otherwise: 'refuse',
          },
        }],
      },
    },
  });

  test('refuses what does not fit with 1212, and names the place in detail', async () => {
    const ann = await Connection.hello(server);
    const cases = [
      [{ kind: 'set', value: { count: 1 } }, '/value'],
      [{ kind: 'set', value: { name: 'x', other: 1 } }, '/value/other'],
      [{ kind: 'merge', value: { count: 'many' } }, '/value/count'],
      [{ kind: 'increment', path: '/name', by: 1 }, '/path'],
      [{ kind: 'increment', path: '/count', by: 0.5 }, '/by'],
      [{ key: 'n:1', kind: 'set', value: 'x' }, '/value'],
      [{ key: 'n:1', kind: 'delete' }, '/kind'],
      [{ key: 'other', kind: 'set', value: 1 }, '/key'],
    ];
    for (const [index, [members, pointer]] of cases.entries()) {
      const error = await ann.request(op('shop', index + 1, members));
      assert.deepEqual([error.code, error.retry, error.settled, error.detail?.pointer],
        [1212, false, true, pointer], JSON.stringify(error));
    }
    const good = op('shop', cases.length + 1, { kind: 'set', value: { name: 'x', count: 1 } });
    assert.equal((await ann.request(good)).outcome, 'applied');
  });

  test('gives a resend the same answer', async () => {
    const client = randomClient();
    const bad = op('shop', 1, { kind: 'set', value: 7 });
    for (const duplicate of [undefined, true]) {
      const ann = await Connection.hello(server, { client });
      const error = await ann.request(bad);
      assert.deepEqual([error.code, error.settled, error.duplicate, error.detail],
        [1212, true, duplicate, { pointer: '/value' }]);
    }
  });
});

describe('acl', async () => {
  const server = await startServer({ after }, {
    config: {
      auth: { keys, visitors: { use: 'anonymous' } },
      listeners: { public: { bind: '127.0.0.1:0', auth: ['keys', 'visitors'] } },
      pipelines: {
        default: [{
          use: 'acl',
          with: {
            rules: [
              { channel: 'shop', field: '/price', allow: [] },
              { role: 'clerk', channel: 'shop', allow: ['read', 'write'] },
              { channel: 'shop', key: 'guests', field: '/names/{user}', allow: ['write'] },
              { channel: 'shop', allow: ['read'] },
            ],
          },
        }],
      },
    },
  });

  test('lets write fields by role and user, and not what contains a denied one', async () => {
    const clerk = await Connection.hello(server, { token: clerkKey });
    const ann = await Connection.hello(server);
    const ask = async (who, n, members) => (await who.request(op('shop', n, members))).code ?? 'ok';
    assert.equal(await ask(clerk, 1, { kind: 'merge', value: { note: 1 } }), 'ok');
    assert.equal(await ask(clerk, 2, { kind: 'merge', value: { note: 1, price: 1 } }), 1303);
    assert.equal(await ask(clerk, 3, { kind: 'increment', path: '/price', by: 1 }), 1303);
    assert.equal(await ask(clerk, 4, { kind: 'set', value: { note: 1 } }), 1303);
    assert.equal(await ask(clerk, 5, { kind: 'delete' }), 1303);
    assert.equal(await ask(clerk, 6, { kind: 'increment', path: '/stock', by: 1 }), 'ok');
    const names = (name) => ({ key: 'guests', kind: 'merge', value: { names: { [name]: 1 } } });
    assert.equal(await ask(ann, 1, names(ann.welcome.user)), 'ok');
    assert.equal(await ask(ann, 2, names('somebody else')), 1303);
    assert.equal(await ask(ann, 3, { kind: 'merge', value: { note: 2 } }), 1303);
    const { records } = await ann.request({ type: 'get', channel: 'shop', keys: ['k'] });
    assert.deepEqual(records[0].value, { note: 1, stock: 1 });
  });

  test('denies what is not named over every route', async () => {
    const ann = await Connection.hello(server);
    for (const type of ['subscribe', 'get']) {
      assert.equal((await ann.request({ type, channel: 'till' })).code, 1303, type);
    }
    assert.equal((await ann.request(op('till', 1, { kind: 'set', value: 1 }))).code, 1303);
    const resumed = await Connection.hello(server, { resume: [{ channel: 'till' }] });
    const error = await resumed.next({ type: 'error' });
    assert.deepEqual([error.code, error.channel], [1303, 'till']);
  });
});

describe('event_log', () => {
  const linesOf = (file) => fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));

  test('writes what passed, in order, without secrets, and all of it before the server ends', async (t) => {
    const folder = temporaryFolder(t);
    const file = path.join(folder, 'log/events.jsonl');
    const server = await startServer(t, {
      folder,
      config: {
        auth: { keys, visitors: { use: 'anonymous' } },
        listeners: { public: { bind: '127.0.0.1:0', auth: ['keys', 'visitors'] } },
        pipelines: {
          default: [
            { use: 'acl', with: { default: 'allow', rules: [{ channel: 'no', allow: [] }] } },
            { use: 'event_log', with: { path: 'log/events.jsonl' } },
          ],
        },
      },
    });
    const clerk = await Connection.hello(server, { token: clerkKey });
    for (let n = 1; n <= 100; ++n) await clerk.request(op('c', n, { kind: 'set', value: n }));
    assert.equal((await clerk.request(op('no', 1, { kind: 'set', value: 1 }))).code, 1303);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    const [hello, ...ops] = linesOf(file);
    assert.equal(hello.type, 'hello');
    assert.equal(hello.user, undefined);
    assert.deepEqual([hello.message.token, hello.message.client], [undefined, undefined]);
    assert.deepEqual(ops.map((line) => line.message.n), Array.from({ length: 100 }, (_, i) => i + 1));
    for (const line of ops) {
      assert.deepEqual([line.type, line.user, line.channel, line.transport, line.address],
        ['op', 'clerk', 'c', 'ws', '127.0.0.1']);
      assert.equal(line.connection, hello.connection);
    }
  });

  test('rotates and keeps as many files as it is told', async (t) => {
    const folder = temporaryFolder(t);
    const server = await startServer(t, {
      folder,
      config: {
        pipelines: {
          op: [{ use: 'event_log', with: { path: 'ops.jsonl', rotate_bytes: '4KiB', files_max: 3 } }],
        },
      },
    });
    const ann = await Connection.hello(server);
    for (let n = 1; n <= 100; ++n) await ann.request(op('c', n, { kind: 'set', value: 'x'.repeat(100) }));
    await server.stop();
    const files = fs.readdirSync(folder).filter((name) => name.startsWith('ops.jsonl')).sort();
    assert.deepEqual(files, ['ops.jsonl', 'ops.jsonl.1', 'ops.jsonl.2']);
    for (const name of files) assert.ok(fs.statSync(path.join(folder, name)).size <= 4096, name);
    const kept = files.reverse().flatMap((name) => linesOf(path.join(folder, name)))
      .map((line) => line.message.n);
    assert.equal(kept.at(-1), 100);
    assert.deepEqual(kept, kept.map((_, i) => kept[0] + i), 'nothing is missing in between');
  });

  test('that cannot write does not hold the server up', async (t) => {
    const server = await startServer(t, {
      config: { pipelines: { op: [{ use: 'event_log', with: { path: '/dev/full' } }] } },
    });
    const ann = await Connection.hello(server);
    for (let n = 1; n <= 20; ++n) {
      assert.equal((await ann.request(op('c', n, { kind: 'set', value: n }))).outcome, 'applied');
    }
    await server.line(/No space left on device/);
    await server.line(/lines were lost/);
  });
});

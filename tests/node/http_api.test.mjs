// SPDX-License-Identifier: Apache-2.0
// Requests over HTTP, by curl: messages without a WebSocket, reads, and writes of other servers.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, describe, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { Raw } from './lib/raw.mjs';
import { startServer } from './lib/server.mjs';

const key = `robot.${crypto.randomBytes(32).toString('hex')}`;
const hash = `sha256:${crypto.createHash('sha256').update(key).digest('hex')}`;
const robot = { Authorization: `Bearer ${key}` };

const settings = {
  auth: {
    keys: { use: 'api_key', with: { keys: [{ id: 'robot', hash, user: 'robot', roles: ['service'] }] } },
    visitors: { use: 'anonymous' },
  },
  listeners: {
    public: {
      bind: '127.0.0.1:0', auth: ['keys', 'visitors'], origins: ['https://app.example'], cookie: 'token',
    },
    sockets: { bind: '127.0.0.1:0', auth: ['keys'], api: false },
  },
  limits: { body_bytes: '64KiB' },
  api: { messages: 5, cursors: 2, response_bytes: '64KiB', tickets: 3, event_channels: 2 },
  pipelines: {
    default: [{
      use: 'acl',
      with: {
        rules: [
          { channel: 'secret', allow: [] },
          { channel: 'news', allow: ['read'] },
          { channel: 'box', key: 'locked:*', allow: ['read'] },
          { channel: '*', allow: ['read', 'write'] },
        ],
      },
    }],
  },
};

const server = await startServer({ after }, { config: settings });
const at = (path) => server.http + path;
let lastChannel = 0;
const newChannel = () => `room:${++lastChannel}`;
const set = (channel, n, key, value) => ({ type: 'op', id: n, channel, n, key, kind: 'set', value });
const post = (json, headers = {}) => curl(at('/api/realtime'), { json, headers });
const write = (channel, record, json, idempotencyKey, headers = robot) => curl(
  at(`/api/channels/${encodeURIComponent(channel)}/records/${encodeURIComponent(record)}`),
  { json, headers: { ...headers, ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }) } });

describe('POST /api/realtime', () => {
  test('runs the messages in order and then evaluates the cursors', async () => {
    const channel = newChannel();
    const { status, body } = await post({
      client: randomClient(),
      messages: [set(channel, 1, 'a', 1), set(channel, 2, 'a', 2), { type: 'ping', id: 3 }],
      cursors: [{ channel }],
    });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body), ['replies', 'updates', 'more']);
    assert.deepEqual(new Set(body.replies.map(({ re }) => re)), new Set([1, 2, 3]));
    assert.deepEqual(body.replies.filter(({ type }) => type === 'ack').map(({ seq }) => seq), [1, 2]);
    assert.deepEqual(body.updates.map(({ type }) => type), ['subscribed', 'snapshot', 'live']);
    assert.deepEqual(body.updates[1].records, [{ key: 'a', version: 2, value: 2 }]);
    assert.equal(body.more, false);
  });

  test('goes on from a cursor with exactly what a WebSocket would get', async () => {
    const channel = newChannel();
    const client = randomClient();
    const first = await post({ client, cursors: [{ channel }] });
    const { epoch, seq, sum } = first.body.updates.find(({ type }) => type === 'snapshot');
    const ann = await Connection.hello(server);
    for (let n = 1; n <= 3; ++n) await ann.request(set(channel, n, 'k', n));
    const cursor = { channel, epoch, seq, sum };
    const { body } = await post({ client, cursors: [cursor] });
    const connection = await Connection.hello(server, { resume: [cursor] });
    await connection.next({ type: 'live' });
    const pushed = await connection.settled();
    assert.deepEqual(body.updates.slice(0, -1), pushed.filter(({ type }) => type !== 'pong'));
    assert.deepEqual(body.updates.map(({ type }) => type), ['subscribed', 'updates', 'live']);
  });

  test('a wrong cursor is told apart as everywhere', async () => {
    const channel = newChannel();
    const { body } = await post({
      client: randomClient(), messages: [set(channel, 1, 'a', 1)],
      cursors: [{ channel, epoch: 'another', seq: 1 }],
    });
    assert.equal(body.updates[0].mode, 'reset');
  });

  test('an op of a WebSocket that died, sent again, is applied once', async () => {
    const channel = newChannel();
    const client = randomClient();
    const op = { type: 'op', id: 1, channel, n: 1, key: 'count', kind: 'increment', path: '/n', by: 1 };
    const connection = await Connection.hello(server, { client });
    connection.send(op);
    connection.socket.terminate();
    const again = await Promise.all([1, 2, 3].map(() => post({ client, messages: [op] })));
    for (const { body } of again) assert.equal(body.replies[0].type, 'ack', JSON.stringify(body));
    const resumed = await Connection.hello(server, { client });
    assert.equal((await resumed.request(op)).outcome, 'duplicate');
    const { body } = await curl(at(`/api/channels/${channel}/records/count`), {
      headers: { 'Syncline-Client': client },
    });
    assert.deepEqual([body.value, body.version], [{ n: 1 }, 1]);
  });

  test('stands beside the WebSocket of the same client', async () => {
    const client = randomClient();
    const connection = await Connection.hello(server, { client });
    await post({ client, messages: [{ type: 'ping', id: 1 }] });
    assert.equal((await connection.request({ type: 'ping' })).type, 'pong');
  });

  test('what needs a stream is 1501, what is no message refuses all', async () => {
    const channel = newChannel();
    const { body } = await post({
      client: randomClient(),
      messages: [{ type: 'subscribe', id: 1, channel }, { type: 'dance', id: 2 }, { type: 'hello', id: 3 }],
    });
    assert.deepEqual(body.replies.map(({ re, code }) => [re, code]), [[1, 1501], [2, 1103], [3, 1303]]);
    const wrong = await post({ client: randomClient(), messages: [set(channel, 1, 'a', 1), { id: 2 }] });
    assert.deepEqual([wrong.status, wrong.body.code], [400, 1102]);
    const seen = await post({ client: randomClient(), cursors: [{ channel }] });
    assert.equal(seen.body.updates[0].seq, 0);
  });

  test('what is wrong with a body is said', async () => {
    const client = randomClient();
    const channel = 'x';
    const cases = [
      [{ messages: [] }, 400, 1102], [{ client: 5 }, 400, 1102], [{ client: 'short' }, 400, 1102],
      [{ client, messages: {} }, 400, 1102], [{ client, messages: [5] }, 400, 1101],
      [{ client, cursors: 'x' }, 400, 1102], [{ client, cursors: [{}] }, 400, 1102],
      [{ client, cursors: [{ channel, seq: -1 }] }, 400, 1102],
      [{ client, cursors: [{ channel }, { channel }] }, 400, 1102],
      [{ client, cursors: [{ channel }, { channel: 'y' }, { channel: 'z' }] }, 413, 1203],
      [{ client, messages: Array(6).fill({ type: 'ping' }) }, 413, 1203],
      [[], 400, 1101], ['text', 400, 1101],
    ];
    for (const [json, status, code] of cases) {
      const answer = await post(json);
      assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(json));
      assert.equal(answer.body.type, 'error');
    }
    for (const data of ['{', '{"a":1,"a":2}', '\xff']) {
      const answer = await curl(at('/api/realtime'), {
        data, headers: { 'Content-Type': 'application/json' },
      });
      assert.deepEqual([answer.status, answer.body.code], [400, 1101], data);
    }
    const deep = await curl(at('/api/realtime'), {
      data: '['.repeat(40) + ']'.repeat(40), headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(deep.status, 400);
  });

  test('answers larger than the limit are refused as a whole, tails come in parts', async () => {
    const channel = newChannel();
    const client = randomClient();
    const first = await post({ client, cursors: [{ channel }] });
    let cursor = { channel, epoch: first.body.updates[0].epoch, seq: 0 };
    const value = 'x'.repeat(20_000);
    for (let n = 1; n <= 8; ++n) await post({ client, messages: [set(channel, n, `k${n}`, value)] });
    const whole = await post({ client, messages: [{ type: 'get', id: 1, channel }] });
    assert.deepEqual([whole.status, whole.body.code], [413, 1203]);
    const snapshot = await post({ client, cursors: [{ channel }] });
    assert.deepEqual(snapshot.body.updates.map(({ code }) => code), [1203]);
    const seqs = [];
    for (let more = true; more;) {
      const { body } = await post({ client, cursors: [cursor] });
      for (const update of body.updates.flatMap(({ updates }) => updates ?? [])) {
        seqs.push(update.seq);
        cursor = { channel, epoch: cursor.epoch, seq: update.seq, sum: update.sum };
      }
      more = body.more;
    }
    assert.deepEqual(seqs, [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('requests that wait are answered in order on their connection', async () => {
    const channel = newChannel();
    const raw = await Raw.connect(server.port);
    const body = JSON.stringify({ client: randomClient(), messages: [set(channel, 1, 'a', 1)] });
    raw.write(`POST /api/realtime HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
      + `Content-Length: ${body.length}\r\n\r\n${body}`
      + 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
      + `GET /api/channels/${channel} HTTP/1.1\r\nHost: x\r\nSyncline-Client: ${randomClient()}\r\n\r\n`);
    assert.equal(JSON.parse((await raw.response()).body).replies[0].outcome, 'applied');
    assert.equal(JSON.parse((await raw.response()).body).status, 'ok');
    assert.equal(JSON.parse((await raw.response()).body).seq, 1);
    raw.destroy();
  });
});

describe('reading a channel', () => {
  const asVisitor = { 'Syncline-Client': randomClient() };
  const names = ['plain', 'with space', 'with/slash', 'with?query#part', 'ünïcödé ✓', '%41', 'a+b', '..x'];

  test('names are percent-encoded, whatever is in them', async () => {
    for (const name of names) {
      const channel = `names:${name}`;
      const written = await write(channel, name, { kind: 'set', value: name }, `name ${encodeURIComponent(name)}`);
      assert.equal(written.status, 200, `${name}: ${written.text}`);
      assert.deepEqual([written.body.channel, written.body.key], [channel, name]);
      const path = `/api/channels/${encodeURIComponent(channel)}`;
      const { body } = await curl(at(path), { headers: asVisitor });
      assert.deepEqual(body.records, [{ key: name, version: 1, value: name }]);
      const one = await curl(at(`${path}/records/${encodeURIComponent(name)}`), { headers: asVisitor });
      assert.equal(one.body.value, name);
    }
  });

  test('gives records and cursor, and 304 to whoever has them', async () => {
    const channel = newChannel();
    await write(channel, 'a', { kind: 'set', value: 1 }, 'etag 1');
    const path = at(`/api/channels/${channel}`);
    const first = await curl(path, { headers: asVisitor });
    const etag = first.headers.get('etag');
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await curl(path, { headers: { ...asVisitor, 'If-None-Match': condition } });
      assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', etag], condition);
    }
    await write(channel, 'b', { kind: 'set', value: 2 }, 'etag 2');
    const changed = await curl(path, { headers: { ...asVisitor, 'If-None-Match': etag } });
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get('etag'), etag);
    // The cursor is one that everything else takes.
    const { epoch, seq, sum } = changed.body;
    const { body } = await post({ client: randomClient(), cursors: [{ channel, epoch, seq, sum }] });
    assert.deepEqual(body.updates.map(({ type, mode }) => mode ?? type), ['tail', 'live']);
    // A record's tag changes with the record alone.
    const record = await curl(`${path}/records/a`, { headers: asVisitor });
    await write(channel, 'b', { kind: 'set', value: 3 }, 'etag 3');
    const same = await curl(`${path}/records/a`, {
      headers: { ...asVisitor, 'If-None-Match': record.headers.get('etag') },
    });
    assert.equal(same.status, 304);
  });

  test('HEAD is GET without the body', async () => {
    const channel = newChannel();
    await write(channel, 'a', { kind: 'set', value: 1 }, 'head');
    for (const path of [`/api/channels/${channel}`, `/api/channels/${channel}/records/a`]) {
      const got = await curl(at(path), { headers: asVisitor });
      const headed = await curl(at(path), { method: 'HEAD', headers: asVisitor });
      assert.deepEqual([headed.status, headed.text], [200, '']);
      for (const name of ['etag', 'content-length', 'content-type']) {
        assert.equal(headed.headers.get(name), got.headers.get(name), name);
      }
    }
  });

  test('what is not there is 404, what is no name 400', async () => {
    const get = (path) => curl(at(path), { headers: asVisitor });
    const missing = await get('/api/channels/room/records/none');
    assert.deepEqual([missing.status, missing.body.code], [404, 1204]);
    for (const path of ['/api/channels/$x', '/api/channels/x/records/$x', `/api/channels/${'x'.repeat(256)}`,
      '/api/channels/a%01b']) {
      assert.equal((await get(path)).status, 400, path);
    }
    for (const path of ['/api/channels', '/api/other', '/api/channels/x/records']) {
      const { status, body } = await get(path);
      assert.deepEqual([status, body.type], [404, 'error'], path);
    }
  });
});

describe('a write with an Idempotency-Key', () => {
  test('happens once, and says the same again', async () => {
    const channel = newChannel();
    const bump = { kind: 'increment', path: '/n', by: 1 };
    const answers = await Promise.all(Array.from({ length: 5 }, () => write(channel, 'a', bump, 'once')));
    for (const { status, body } of answers) {
      assert.deepEqual([status, body.type, body.seq], [200, 'ack', 1]);
      assert.equal('n' in body, false);
    }
    assert.deepEqual(answers.map(({ body }) => body.outcome).sort(),
      ['applied', ...Array(4).fill('duplicate')]);
    const { body } = await curl(at(`/api/channels/${channel}/records/a`), { headers: robot });
    assert.deepEqual(body.value, { n: 1 });
  });

  test('with another body is refused, and without a key as well', async () => {
    const channel = newChannel();
    await write(channel, 'a', { kind: 'set', value: 1 }, 'k');
    const other = await write(channel, 'a', { kind: 'set', value: 2 }, 'k');
    assert.deepEqual([other.status, other.body.code], [422, 1208]);
    for (const bad of [undefined, 'x'.repeat(256), 'tab\tin it']) {
      const { status, body } = await write(channel, 'a', { kind: 'set', value: 3 }, bad);
      assert.deepEqual([status, body.code], [400, 1102]);
    }
  });

  test('reaches subscribers as an update without number and origin', async () => {
    const channel = newChannel();
    const ann = await Connection.hello(server);
    await ann.request({ type: 'subscribe', channel });
    await ann.next({ type: 'live' });
    await write(channel, 'a', { kind: 'set', value: 1 }, 'seen');
    const update = await ann.next({ type: 'update' });
    assert.deepEqual([update.user, update.n, update.origin, update.value], ['robot', undefined, undefined, 1]);
  });

  test('is remembered by a server that was killed', async (t) => {
    const mine = await startServer(t, { config: { ...settings, listeners: { public: settings.listeners.public } } });
    const send = (to) => curl(`${to.http}/api/channels/c/records/a`, {
      json: { kind: 'increment', path: '/n', by: 1 }, headers: { ...robot, 'Idempotency-Key': 'crash' },
    });
    assert.equal((await send(mine)).body.outcome, 'applied');
    await mine.stop('SIGKILL');
    const next = await startServer(t, { folder: mine.folder, config: { ...settings, listeners: { public: settings.listeners.public } } });
    assert.equal((await send(next)).body.outcome, 'duplicate');
  });

  test('is refused with its status when the op is', async () => {
    const channel = newChannel();
    await write(channel, 'text', { kind: 'set', value: 'text' }, 'refused 1');
    const wrong = await write(channel, 'text', { kind: 'increment', path: '', by: 1 }, 'refused 2');
    assert.deepEqual([wrong.status, wrong.body.code, wrong.body.settled], [409, 1205, true]);
    const kind = await write(channel, 'text', { kind: 'paint' }, 'refused 3');
    assert.deepEqual([kind.status, kind.body.code], [400, 1102]);
  });
});

describe('who may do what', () => {
  const visitor = { 'Syncline-Client': randomClient() };

  test('is asked over every route', async () => {
    const client = visitor['Syncline-Client'];
    const denied = [
      await curl(at('/api/channels/secret'), { headers: visitor }),
      await curl(at('/api/channels/secret/records/a'), { headers: visitor }),
      await write('secret', 'a', { kind: 'set', value: 1 }, 'acl 1', visitor),
      await write('news', 'a', { kind: 'set', value: 1 }, 'acl 2', visitor),
      await write('box', 'locked:a', { kind: 'set', value: 1 }, 'acl 3', visitor),
      await curl(at('/api/realtime/events?channel=secret'), { headers: robot }),
    ];
    for (const { status, body } of denied) assert.deepEqual([status, body.code], [403, 1303]);
    const { body } = await post({
      client,
      messages: [set('secret', 1, 'a', 1), { type: 'get', id: 2, channel: 'secret' }],
      cursors: [{ channel: 'secret' }, { channel: 'news' }],
    });
    assert.deepEqual(body.replies.map(({ code }) => code), [1303, 1303]);
    assert.deepEqual(body.updates.filter(({ channel }) => channel === 'secret').map(({ code }) => code), [1303]);
    assert.ok(body.updates.some(({ type, channel }) => type === 'live' && channel === 'news'));
  });

  test('nobody gets in without being known, and a wrong token is not a stranger', async () => {
    const wrong = { ...visitor, Authorization: 'Bearer robot.wrong' };
    for (const headers of [{}, wrong]) {
      for (const path of ['/api/channels/x', '/api/channels/x/records/a', '/api/realtime/events?channel=x']) {
        const { status, body, headers: told } = await curl(at(path), { headers });
        assert.deepEqual([status, body.code], [401, 1301], path);
        assert.equal(told.get('www-authenticate'), 'Bearer');
      }
    }
    const { status } = await post({ client: randomClient() }, { Authorization: 'Bearer robot.wrong' });
    assert.equal(status, 401);
  });

  test('a cookie counts for pages of an allowed origin alone', async () => {
    const ask = (more) => curl(at('/api/channels/x'), { headers: { Cookie: `token=${key}`, ...more } });
    assert.equal((await ask({ Origin: 'https://app.example' })).status, 200);
    assert.equal((await ask({ Origin: 'https://evil.example' })).status, 403);
    assert.equal((await ask({ 'Sec-Fetch-Site': 'cross-site' })).status, 401);
  });

  test('a secret in a URL is refused', async () => {
    for (const query of ['token=x', 'access_token=x', 'client=x']) {
      const { status } = await curl(at(`/api/realtime/events?channel=x&${query}`), { headers: robot });
      assert.equal(status, 400, query);
    }
  });
});

describe('HTTP', () => {
  test('methods, media types and sizes are checked', async () => {
    const cases = [
      ['/api/channels/x', { method: 'DELETE' }, 405], ['/api/realtime', { method: 'PUT' }, 405],
      ['/api/realtime/ticket', {}, 405], ['/api/realtime/events?channel=x', { method: 'POST' }, 405],
      ['/api/channels/x', { headers: { Accept: 'text/html' } }, 406],
      ['/api/realtime/events?channel=x', { headers: { Accept: 'application/json' } }, 406],
      ['/api/realtime', { data: '{}', headers: { 'Content-Type': 'text/plain' } }, 415],
      ['/api/realtime', { data: '{}', headers: { 'Content-Type': '' } }, 415],
      ['/api/realtime', { json: 'x'.repeat(70_000) }, 413],
    ];
    for (const [path, options, status] of cases) {
      const answer = await curl(at(path), options);
      assert.equal(answer.status, status, `${path} ${JSON.stringify(options).slice(0, 100)}`);
      assert.equal(answer.body.type, 'error');
      assert.equal(answer.headers.has('allow'), status === 405);
    }
    const typed = await curl(at('/api/realtime'), {
      data: JSON.stringify({ client: randomClient() }),
      headers: { 'Content-Type': 'Application/JSON; charset=utf-8', Accept: 'text/*;q=0.5, */*;q=0.1' },
    });
    assert.equal(typed.status, 200);
  });

  test('pages of other origins get in by the list alone', async () => {
    const ask = (Origin, options = {}) => curl(at('/api/realtime'), {
      ...options, headers: { Origin, ...options.headers },
    });
    const preflight = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' };
    const allowed = await ask('https://app.example', { method: 'OPTIONS', headers: preflight });
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://app.example');
    assert.match(allowed.headers.get('access-control-allow-methods'), /POST/);
    assert.match(allowed.headers.get('access-control-allow-headers'), /Content-Type/);
    assert.match(allowed.headers.get('vary'), /Origin/);
    const answer = await ask('https://app.example', { json: { client: randomClient() } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://app.example');
    for (const origin of ['https://evil.example', 'null', 'https://app.example.evil']) {
      for (const options of [{ method: 'OPTIONS', headers: preflight }, { json: { client: randomClient() } }]) {
        const refused = await ask(origin, options);
        assert.equal(refused.status, 403, origin);
        assert.equal(refused.headers.has('access-control-allow-origin'), false);
      }
    }
    const own = await ask(`http://127.0.0.1:${server.port}`, { json: { client: randomClient() } });
    assert.equal(own.status, 200);
  });

  test('a listener without the API has its WebSocket and its health alone', async () => {
    const there = `http://127.0.0.1:${server.ports.get('sockets')}`;
    for (const path of ['/api/channels/x', '/api/realtime/events?channel=x', '/api/realtime/ticket']) {
      assert.equal((await curl(there + path, { headers: robot })).status, 404, path);
    }
    assert.equal((await curl(`${there}/api/realtime`)).body.status, 'ok');
    assert.equal((await curl(`${there}/api/realtime`, { json: {} })).status, 405);
  });
});

describe('a server that shuts down', () => {
  test('answers what it has taken, and the rest with 503', async (t) => {
    const mine = await startServer(t);
    const raw = await Raw.connect(mine.port);
    raw.request('GET', '/healthz');
    await raw.response();
    const client = randomClient();
    const results = [];
    const flood = (async () => {
      for (let n = 1; ; ++n) {
        const answer = await fetch(`${mine.http}/api/realtime`, {
          method: 'POST', headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ client, messages: [set('c', n, 'k', n)] }),
        }).catch(() => null);
        if (!answer) return;
        const body = await answer.json().catch(() => null);
        if (!body) return;
        results.push({ status: answer.status, body });
        if (n === 20) mine.kill('SIGTERM');
      }
    })();
    await flood;
    await mine.exit;
    const acked = results.filter(({ status, body }) => status === 200 && body.replies[0]?.type === 'ack').length;
    assert.ok(acked >= 19, `${acked}`);
    for (const { status, body } of results.slice(acked)) {
      const error = status === 200 ? body.replies[0] : body;
      assert.ok([1502, 1002].includes(error.code), JSON.stringify(error));
    }
    const next = await startServer(t, { folder: mine.folder });
    const kept = await curl(`${next.http}/api/channels/c`, { headers: { 'Syncline-Client': client } });
    assert.ok(kept.body.seq >= acked, 'no ack was lost');
  });
});

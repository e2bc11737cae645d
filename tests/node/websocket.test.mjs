// SPDX-License-Identifier: Apache-2.0
// Frames by hand, and the edges of the protocol's envelope.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { Raw } from './lib/raw.mjs';
import { startServer } from './lib/server.mjs';

const MALFORMED = 5;
const server = await startServer({ after }, {
  config: {
    limits: {
      malformed: MALFORMED, message_bytes: '2MiB', record_bytes: '2MiB', subscriptions: 3,
      messages_per_frame: 10, depth: 16, outbox_bytes: '8MiB',
    },
    channels: [{ match: 'room:*' }],
  },
});

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const CONTINUATION = 0;

async function upgraded() {
  const raw = await Raw.connect(server.port);
  assert.equal((await raw.upgrade()).status, 101);
  return raw;
}

async function open() {
  const raw = await upgraded();
  raw.frame(TEXT, JSON.stringify({ type: 'hello', protocol: 1, client: randomClient(), id: 'h' }));
  assert.equal((await raw.nextMessage()).type, 'welcome');
  return raw;
}

const ping = JSON.stringify({ type: 'ping', id: 7 });

describe('frames', () => {
  test('a message in fragments, with a ping between them, is one message', async () => {
    const raw = await open();
    raw.frame(TEXT, ping.slice(0, 5), { final: false });
    raw.frame(PING, 'are you there');
    raw.frame(CONTINUATION, ping.slice(5, 9), { final: false });
    raw.frame(CONTINUATION, '', { final: false });
    raw.frame(CONTINUATION, ping.slice(9));
    const pong = await raw.nextFrame();
    assert.deepEqual([pong.opcode, pong.payload.toString()], [PONG, 'are you there']);
    assert.equal((await raw.nextMessage()).re, 7);
    raw.destroy();
  });

  test('a character may be cut by fragments', async () => {
    const raw = await open();
    const text = Buffer.from(JSON.stringify({ type: 'ping', id: 'Grüße, 世界 🌍' }));
    for (const [i, byte] of text.entries()) {
      raw.frame(i === 0 ? TEXT : CONTINUATION, Buffer.from([byte]), { final: i === text.length - 1 });
    }
    assert.equal((await raw.nextMessage()).re, 'Grüße, 世界 🌍');
    raw.destroy();
  });

  test('a message of a megabyte goes there and back', async () => {
    const [ann, ben] = [await Connection.hello(server), await Connection.hello(server)];
    const value = 'x'.repeat(1 << 20);
    await ben.request({ type: 'subscribe', channel: 'room:large' });
    const ack = await ann.request(
      { type: 'op', channel: 'room:large', n: 1, key: 'k', kind: 'set', value });
    assert.equal(ack.outcome, 'applied', JSON.stringify(ack));
    assert.equal((await ben.next({ type: 'update' })).value, value);
  });

  const wrong = {
    'an unmasked frame': [(raw) => raw.frame(TEXT, ping, { mask: null }), 1002],
    'a reserved bit': [(raw) => raw.frame(TEXT, ping, { reserved: 0x40 }), 1002],
    'an unknown opcode': [(raw) => raw.frame(3, ping), 1002],
    'an unknown control frame': [(raw) => raw.frame(11, ''), 1002],
    'a ping in fragments': [(raw) => raw.frame(PING, '', { final: false }), 1002],
    'a ping that is too long': [(raw) => raw.frame(PING, 'x'.repeat(126)), 1002],
    'a continuation of nothing': [(raw) => raw.frame(CONTINUATION, ping), 1002],
    'a new message within another': [(raw) => {
      raw.frame(TEXT, '{', { final: false });
      raw.frame(TEXT, '}');
    }, 1002],
    'text that is not UTF-8': [(raw) => raw.frame(TEXT, Buffer.from([0x22, 0xff, 0x22])), 1007],
    'text that ends in a character': [(raw) => raw.frame(TEXT, Buffer.from([0xe2, 0x82])), 1007],
    'a message beyond the limit': [(raw) => raw.frame(TEXT, 'x'.repeat((2 << 20) + 1)), 1009],
    'a close code that may not be sent':
      [(raw) => raw.frame(CLOSE, Buffer.from([0x03, 0xed])), 1002],
    'a close with half a code': [(raw) => raw.frame(CLOSE, Buffer.from([3])), 1002],
    'a binary frame': [(raw) => raw.frame(BINARY, ping), 4501],
  };
  for (const [what, [send, code]] of Object.entries(wrong)) {
    test(`${what} closes with ${code}`, async () => {
      const raw = await open();
      raw.socket.on('error', () => {});
      send(raw);
      assert.equal(await raw.closeCode(), code);
      raw.destroy();
    });
  }

  test('a close is answered with its code', async () => {
    const raw = await open();
    raw.frame(CLOSE, Buffer.from([0x03, 0xe8]));
    assert.equal(await raw.closeCode(), 1000);
    await raw.end();
  });
});

describe('messages', () => {
  test('before hello everything else is 1303', async () => {
    const connection = await Connection.open(server);
    for (const type of ['ping', 'subscribe', 'op', 'get']) {
      const error = await connection.request({ type, channel: 'room:1' });
      assert.equal(error.code, 1303, type);
    }
    const again = await Connection.hello(server);
    assert.equal((await again.request({ type: 'hello', protocol: 1, client: randomClient() })).code, 1303);
  });

  test('hello wants protocol 1 and a long client id', async () => {
    const client = randomClient();
    for (const wrong of [{ client }, { protocol: 2, client }, { protocol: 1 },
      { protocol: 1, client: 'short' }, { protocol: 1, client: 7 }]) {
      const connection = await Connection.open(server);
      const error = await connection.request({ type: 'hello', ...wrong });
      assert.equal(error.type, 'error', JSON.stringify(wrong));
      assert.equal(Math.floor(error.code / 100), 11, JSON.stringify(error));
      connection.socket.terminate();
    }
  });

  test('an unknown type is 1103, a missing one 1102', async () => {
    const connection = await Connection.hello(server);
    assert.equal((await connection.request({ type: 'dance' })).code, 1103);
    connection.send({ id: 5 });
    assert.equal((await connection.next({ type: 'error' })).code, 1102);
  });

  test('bad names are 1104, a channel that no pattern matches is 1201', async () => {
    const connection = await Connection.hello(server);
    const subscribe = async (channel) => (await connection.request({ type: 'subscribe', channel })).code;
    assert.equal(await subscribe(''), 1102);
    for (const channel of ['$reserved', `room:${'x'.repeat(251)}`, 'room:\u0007', 'room:\u0085']) {
      assert.equal(await subscribe(channel), 1104, JSON.stringify(channel));
    }
    assert.equal(await subscribe('hall:1'), 1201);
    const op = (key) => ({ type: 'op', channel: 'room:names', n: 1, key, kind: 'set', value: 1 });
    assert.equal((await connection.request(op('$k'))).code, 1104);
    const elsewhere = await connection.request({ ...op('k'), channel: 'hall:1' });
    assert.equal(elsewhere.code, 1201);
  });

  test('frames that are no messages are 1101, and too many of them close with 4501', async () => {
    const connection = await Connection.hello(server);
    const frames = ['', 'no json', '7', '[1]', '{"type":"ping"', '{"a":1,"a":2}'];
    for (let i = 0; i < MALFORMED - 1; ++i) {
      connection.send(frames[i]);
      assert.equal((await connection.next({ type: 'error' })).code, 1101, frames[i]);
    }
    assert.equal((await connection.request({ type: 'ping' })).type, 'pong');
    connection.send(frames.at(-1));
    assert.equal((await connection.end()).code, 4501);
  });

  test('limits of depth, of messages in a frame and of subscriptions', async () => {
    const connection = await Connection.hello(server);
    connection.send(`{"type":"ping","x":${'['.repeat(30)}${']'.repeat(30)}}`);
    const deep = await connection.next({ type: 'error' });
    assert.ok([1101, 1203].includes(deep.code), JSON.stringify(deep));
    connection.send(Array.from({ length: 11 }, () => ({ type: 'ping' })));
    assert.equal((await connection.next({ type: 'error' })).code, 1203);
    for (const i of [1, 2, 3]) {
      await connection.request({ type: 'subscribe', channel: `room:${i}` });
    }
    assert.equal((await connection.request({ type: 'subscribe', channel: 'room:4' })).code, 1402);
    await connection.request({ type: 'unsubscribe', channel: 'room:1' });
    const again = await connection.request({ type: 'subscribe', channel: 'room:4' });
    assert.equal(again.type, 'subscribed');
  });

  test('wrong fields of an op are 1102 and consume its number', async () => {
    const connection = await Connection.hello(server);
    const op = (n, change) => connection.request({ type: 'op', channel: 'room:fields', n, ...change });
    const wrong = [
      { key: 'k', kind: 'paint', value: 1 },
      { key: 'k', kind: 'set' },
      { key: 'k', kind: 'increment', path: '/x' },
      { key: 'k', kind: 'increment', path: 'x', by: 1 },
      { kind: 'set', value: 1 },
      { key: 'k', kind: 'set', value: 1, base: -1 },
      { key: 'k', kind: 'set', value: 1, base: 'one' },
    ];
    for (const [i, change] of wrong.entries()) {
      const error = await op(i + 1, change);
      assert.deepEqual([error.code, error.settled, error.n], [1102, true, i + 1], JSON.stringify(error));
    }
    assert.equal((await op(wrong.length + 1, { key: 'k', kind: 'set', value: 1 })).seq, 1);
    for (const n of [undefined, 0, -1, 1.5, 'one']) {
      const error = await op(n, { key: 'k', kind: 'set', value: 1 });
      assert.deepEqual([error.code, error.settled ?? false], [1102, false], JSON.stringify(error));
    }
  });

  test('numbers beyond 2^53 - 1 are 1206', async () => {
    const connection = await Connection.hello(server);
    const increment = (n, by) => connection.request(
      { type: 'op', channel: 'room:numbers', n, key: 'k', kind: 'increment', path: '/x', by });
    assert.equal((await increment(1, Number.MAX_SAFE_INTEGER)).outcome, 'applied');
    const error = await increment(2, 1);
    assert.deepEqual([error.code, error.settled], [1206, true]);
    assert.equal((await increment(3, -1)).outcome, 'applied');
  });

  test('a newer connection of the same client replaces the older', async () => {
    const client = randomClient();
    const older = await Connection.hello(server, { client });
    const newer = await Connection.hello(server, { client });
    assert.equal((await older.end()).code, 4504);
    assert.equal((await newer.request({ type: 'ping' })).type, 'pong');
  });

  test('unknown members are ignored', async () => {
    const connection = await Connection.hello(server);
    const pong = await connection.request({ type: 'ping', colour: 'blue' });
    assert.equal(pong.type, 'pong');
    assert.equal(typeof pong.time, 'number');
  });
});

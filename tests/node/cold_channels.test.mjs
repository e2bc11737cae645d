// SPDX-License-Identifier: Apache-2.0
// Many channels, few of them in memory: the others cost disk alone, and come back when asked for.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection } from './lib/connection.mjs';
import { startServer } from './lib/server.mjs';
import { again } from './lib/within.mjs';

const CHANNELS = 1_000;
const LOADED = 64;
const WINDOW = 32;

const listeners = {
  public: { bind: '127.0.0.1:0', auth: ['visitors'] },
  admin: { bind: '127.0.0.1:0', admin: true, api: false },
};

async function inMemory(server) {
  const page = await (await fetch(`http://127.0.0.1:${server.ports.get('admin')}/metrics`)).text();
  return Number(/^syncline_channels (\d+)$/m.exec(page)[1]);
}

/** Asks for every channel, some at a time; `ask` makes the message for its number. */
async function everyChannel(connection, ask, check) {
  for (let first = 0; first < CHANNELS; first += WINDOW) {
    const numbers = Array.from({ length: Math.min(WINDOW, CHANNELS - first) }, (_, i) => first + i);
    const answers = await Promise.all(numbers.map((number) => connection.request(ask(number))));
    answers.forEach((answer, i) => check(answer, numbers[i]));
  }
}

test('channels beyond limits.channels_loaded leave the memory, and every one comes back', async (t) => {
  const server = await startServer(t, {
    config: { listeners, limits: { channels_loaded: LOADED } },
  });
  const ann = await Connection.hello(server);
  const set = (number) => ({
    type: 'op', channel: `cold:${number}`, n: 1, key: 'k', kind: 'set', value: { number },
  });
  const fewInMemory = async () => {
    const count = await inMemory(server);
    assert.ok(count <= 2 * LOADED, `${count} channels are in memory`);
  };
  await everyChannel(ann, set, ({ outcome }) => assert.equal(outcome, 'applied'));
  await fewInMemory();
  const get = (number) => ({ type: 'get', channel: `cold:${number}` });
  await everyChannel(ann, get, ({ records, seq }, number) => {
    assert.equal(seq, 1);
    assert.deepEqual(records.map(({ key, value }) => [key, value]), [['k', { number }]]);
  });
  await fewInMemory();
  await everyChannel(ann, set, ({ outcome }) => assert.equal(outcome, 'duplicate'));
});

test('a channel that nobody follows or asks for leaves the memory; one that is followed stays', async (t) => {
  const server = await startServer(t, {
    config: { listeners, timeouts: { channel_idle: '100ms' } },
  });
  const ann = await Connection.hello(server);
  await ann.request({ type: 'subscribe', channel: 'followed' });
  for (let number = 0; number < 20; ++number) {
    const op = { type: 'op', channel: `cold:${number}`, n: 1, key: 'k', kind: 'set', value: number };
    assert.equal((await ann.request(op)).outcome, 'applied');
  }
  await again(async () => await inMemory(server) === 1, 'only the followed one to be in memory');
  const got = await ann.request({ type: 'get', channel: 'cold:7' });
  assert.deepEqual(got.records.map(({ value }) => value), [7]);
});

// SPDX-License-Identifier: Apache-2.0
// plain: it measures memory.
// Clients that stand still, that take a byte a second, and a thousand of both kinds: what they cost
// is bounded, nobody else notices, and each ends in the same state.

import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { test } from 'node:test';

import { Client } from './lib/client.mjs';
import { source } from './lib/build.mjs';
import { startServer } from './lib/server.mjs';
import { within } from './lib/within.mjs';

const CHANNEL = 'feed';
const KEYS = 20;
const WINDOW = 20;
const TEXT = 'x'.repeat(2_000);
const OUTBOX = 128 << 10;
const OUTBOX_TOTAL = 16 << 20;
const CATCH_UP_TOTAL = 16 << 20;
/** What allocators, the log in memory and the load itself may add. */
const SLACK = 32 << 20;

const server = (t, slowConsumer, history = 100) => startServer(t, {
  config: {
    limits: {
      outbox_bytes: `${OUTBOX >> 10}KiB`, outbox_total_bytes: `${OUTBOX_TOTAL >> 20}MiB`,
      catch_up_total_bytes: `${CATCH_UP_TOTAL >> 20}MiB`, record_bytes: '64KiB', socket_bytes: '32KiB',
    },
    heartbeat: { interval: '10m', pong_timeout: '10m' },
    storage: { main: { use: 'memory' } },
    channels: [{
      match: '*', history: { ops: history, bytes: '8MiB' }, slow_consumer: slowConsumer,
    }],
  },
});

/**
 * `count` ops of the author, until each reader has seen them all. What is under way at one time
 * fits an outbox several times over: who is fast never counts as slow.
 */
async function load(author, readers, count) {
  const last = author.n + count;
  const more = () => {
    while (author.n < last && author.pending.size < WINDOW) {
      author.submit({ key: `k${author.n % KEYS}`, kind: 'set', value: { i: author.n, text: TEXT } });
    }
  };
  author.onVerdict = more;
  more();
  await author.until(() => author.done >= last, () => `ops to ${last}; at ${author.done}`);
  for (const reader of [author, ...readers]) await reader.reached(last);
}

/** An author and three readers that keep up. */
async function company(port) {
  const all = Array.from({ length: 4 }, () => new Client({ channel: CHANNEL }));
  await Promise.all(all.map((client) => client.connect(port)));
  return all;
}

/** Nobody of them missed a thing, or was told to catch up. */
function assertUndisturbed(clients) {
  for (const client of clients) {
    assert.deepEqual(client.violations, []);
    assert.equal(client.modes.length, 1, `resynced: ${client.modes}`);
    assert.equal(client.spans, 0);
    client.disconnect();
  }
}

/** The thousand, in a process of their own. */
class Crowd {
  constructor(t, port, count) {
    const script = path.join(source, 'tests/node/lib/crowd.py');
    this.child = spawn('python3', [script, port, CHANNEL, count], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => this.child.kill('SIGKILL'));
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async line(what) { return (await within(this.lines.next(), what, 240_000)).value; }

  async wake(seq) {
    this.child.stdin.write(`wake ${seq}\n`);
    return JSON.parse(await this.line('the crowd to catch up'));
  }
}

async function ask(child, message, what) {
  const answer = once(child, 'message');
  if (message) child.send(message);
  return (await within(answer, what))[0];
}

for (const [policy, resyncs] of [['recover', true], ['conflate', false]]) {
  test(`${policy}: a thousand clients that take nothing, or a byte a second`, async (t) => {
    const COUNT = 1_000;
    const running = await server(t, policy);
    const [author, ...readers] = await company(running.port);
    const crowd = new Crowd(t, running.port, COUNT);
    assert.equal(await crowd.line('the crowd to be live'), 'live');
    const before = running.residentBytes();

    await load(author, readers, 500);
    const during = running.residentBytes();
    t.diagnostic(`resident: ${before >> 20} MiB, then ${during >> 20} MiB`);
    assert.ok(during - before < OUTBOX_TOTAL + CATCH_UP_TOTAL + SLACK, `${during - before} bytes more`);

    const told = await crowd.wake(author.cursor.seq);
    assert.deepEqual(told.closed, { None: COUNT });
    assert.equal(told.gaps, 0);
    assert.deepEqual(told.errors, {});
    assert.deepEqual(Object.values(told.digests), [COUNT], 'each in the same state');
    assert.deepEqual(told.state, author.state());
    assert.equal(told.resynced > COUNT / 2, resyncs, `${told.resynced} were told to resync`);
    assert.equal(told.conflated > COUNT / 2, !resyncs, `${told.conflated} got spans`);
    t.diagnostic(`${told.resynced} resynced, ${told.conflated} got spans of records`);
    await load(author, readers, 10);
    assertUndisturbed([author, ...readers]);
  });
}

for (const policy of ['recover', 'conflate']) {
  test(`${policy}: a frozen process wakes up in the same state`, async (t) => {
    const running = await server(t, policy, 10_000);
    const [author, ...readers] = await company(running.port);
    const frozen = fork(new URL('./lib/frozen_subscriber.mjs', import.meta.url),
      [running.port, CHANNEL], { execArgv: [] });
    t.after(() => frozen.kill('SIGKILL'));
    assert.deepEqual(await ask(frozen, null, 'the frozen client to be live'), { live: true });
    frozen.kill('SIGSTOP');
    await load(author, readers, 6_000);
    frozen.kill('SIGCONT');
    const woken = await ask(frozen, { reach: author.cursor.seq }, 'the frozen client to catch up');
    assert.deepEqual(woken.violations, []);
    assert.deepEqual(woken.state, author.state());
    assert.deepEqual(woken.cursor, author.cursor);
    if (policy === 'conflate') {
      assert.ok(woken.spans > 0, 'it got spans of records');
      assert.ok(woken.updates < 6_000, `it got ${woken.updates} single steps`);
    } else {
      assert.ok(woken.modes.length > 1, 'it was told to resync');
      assert.equal(woken.updates, 6_000, 'and got every step');
    }
    assertUndisturbed([author, ...readers]);
  });
}

test('disconnect: who does not keep up is told 4002 and comes back', async (t) => {
  const COUNT = 20;
  const running = await server(t, 'disconnect');
  const [author, ...readers] = await company(running.port);
  const crowd = new Crowd(t, running.port, COUNT);
  assert.equal(await crowd.line('the crowd to be live'), 'live');
  await load(author, readers, 500);
  const told = await crowd.wake(author.cursor.seq);
  assert.deepEqual(told.closed, { 4002: COUNT });
  assert.equal(told.gaps, 0);

  const again = new Client({ channel: CHANNEL, client: `${COUNT}`.padStart(32, '0') });
  await again.connect(running.port);
  await again.reached(author.cursor.seq);
  assert.deepEqual(again.state(), author.state());
  assertUndisturbed([author, ...readers, again]);
});

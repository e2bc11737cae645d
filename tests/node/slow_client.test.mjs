// SPDX-License-Identifier: Apache-2.0
// plain: it measures memory.
// A client that stands still under load costs a bounded amount, and nobody else anything.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

import { Client } from './lib/client.mjs';
import { startServer } from './lib/server.mjs';
import { within } from './lib/within.mjs';

const CHANNEL = 'feed';
const KEYS = 40;
const OPS = 12_000;
const TEXT = 'x'.repeat(5_000);
const WINDOW = 100;
const OUTBOX_KIB = 512;
/** Beyond the outbox: what allocators and the load itself may add. */
const SLACK_BYTES = 24 << 20;

/** Sends `count` ops and answers the times from an op to its update at each other client, in ms. */
async function load(author, readers, count) {
  const sentAt = new Map();
  const latencies = [];
  for (const reader of readers) {
    reader.onUpdate = ({ n }) => latencies.push(performance.now() - sentAt.get(n));
  }
  const first = author.n + 1;
  const last = author.n + count;
  const more = () => {
    while (author.n < last && author.pending.size < WINDOW) {
      sentAt.set(author.n + 1, performance.now());
      author.submit({ key: `k${author.n % KEYS}`, kind: 'set', value: { i: author.n, text: TEXT } });
    }
  };
  author.onVerdict = more;
  more();
  await author.until(() => author.done >= last, () => `ops ${first} to ${last}; at ${author.done}`);
  for (const reader of readers) await reader.reached(last);
  return latencies.sort((a, b) => a - b);
}

const at = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)].toFixed(1);
const told = (sorted) => `median ${at(sorted, 0.5)} ms, p99 ${at(sorted, 0.99)} ms, `
  + `max ${at(sorted, 1)} ms`;

/** Sends `message` and waits for the next answer. */
async function ask(child, message, what) {
  const answer = once(child, 'message');
  if (message) child.send(message);
  return (await within(answer, what))[0];
}

test('a frozen client is caught up when it wakes, and nobody waits for it', async (t) => {
  const server = await startServer(t, {
    config: {
      limits: { outbox_bytes: `${OUTBOX_KIB}KiB`, outbox_total_bytes: '64MiB' },
      heartbeat: { interval: '10m', pong_timeout: '10m' },
      channels: [{ match: '*', history: { ops: 1_000, bytes: '8MiB' }, slow_consumer: 'recover' }],
    },
  });
  const author = new Client({ channel: CHANNEL });
  const readers = Array.from({ length: 5 }, () => new Client({ channel: CHANNEL }));
  await Promise.all([author, ...readers].map((client) => client.connect(server.port)));
  const frozen = fork(new URL('./lib/frozen_subscriber.mjs', import.meta.url),
    [server.port, CHANNEL], { execArgv: [] });
  t.after(() => frozen.kill('SIGKILL'));
  assert.deepEqual(await ask(frozen, null, 'the frozen client to be live'), { live: true });

  // The same load first with everybody awake: what it costs by itself.
  const before = await load(author, readers, OPS);
  await ask(frozen, { reach: OPS }, 'the client to see the first load');
  const awakeBytes = server.residentBytes();

  frozen.kill('SIGSTOP');
  const during = await load(author, readers, OPS);
  const asleepBytes = server.residentBytes();
  t.diagnostic(`everybody awake: ${told(before)}; one frozen: ${told(during)}`);
  t.diagnostic(`resident: ${awakeBytes >> 20} MiB awake, ${asleepBytes >> 20} MiB with one frozen, `
    + `who missed ${Math.round(OPS * TEXT.length / 2 ** 20)} MiB`);
  assert.ok(asleepBytes - awakeBytes < OUTBOX_KIB * 1024 + SLACK_BYTES,
    `${asleepBytes - awakeBytes} bytes more`);
  for (const reader of readers) assert.deepEqual(reader.violations, []);

  frozen.kill('SIGCONT');
  const woken = await ask(frozen, { reach: 2 * OPS }, 'the frozen client to catch up');
  assert.deepEqual(woken.violations, []);
  assert.deepEqual(woken.cursor, author.cursor);
  assert.deepEqual(woken.state, author.state());
  assert.ok(woken.modes.length > 1, 'it was told to resync');
  t.diagnostic(`caught up by ${woken.modes.slice(1).join(', ')}; it saw ${woken.updates} updates`);

  // It is a live subscriber again.
  await load(author, readers, 10);
  const later = await ask(frozen, { reach: 2 * OPS + 10 }, 'the live feed of the woken client');
  assert.deepEqual(later.state, author.state());
  for (const client of [author, ...readers]) client.disconnect();
});

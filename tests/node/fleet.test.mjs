// SPDX-License-Identifier: Apache-2.0
// Thousands of connections that write are sent away: no ack is lost, nothing is applied twice.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { test } from 'node:test';

import { sanitizers, source } from './lib/build.mjs';
import { randomClient } from './lib/connection.mjs';
import { Events } from './lib/events.mjs';
import { Poster } from './lib/poster.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';
import { within } from './lib/within.mjs';

const WANTED = sanitizers ? 300 : 5_000;
const CHANNELS = sanitizers ? 10 : 50;
const POSTERS = sanitizers ? 4 : 20;
const STREAMS = sanitizers ? 10 : 50;
/** Files that the server and its clients use for other things. */
const OTHER_FILES = 400;
/** Thousands of clients take their time on a small machine. */
const PATIENCE_MS = 300_000;

const RETRY_AFTER_MS = 300;
const SPREAD_MS = 4_000;

/** How many files a process here may open, which its sockets count among. */
function filesMax() {
  const limits = fs.readFileSync('/proc/self/limits', 'utf8');
  return Number(/Max open files\s+(\d+)/.exec(limits)[1]);
}

/** The clients in a process of their own, and the lines that they say. */
class Fleet {
  constructor(t, count) {
    this.child = spawn('python3', [path.join(source, 'tests/node/lib/fleet.py'), count, CHANNELS],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => this.child.kill('SIGKILL'));
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  say(line) { this.child.stdin.write(`${line}\n`); }

  async hear(what) {
    const { value, done } = await within(this.lines.next(), what, PATIENCE_MS);
    assert.ok(!done, `the fleet ended before ${what}`);
    return value.startsWith('{') ? JSON.parse(value) : value;
  }
}

/** What the server has stored of all channels: record -> count. */
async function stored(server, prefix, channels) {
  const counts = {};
  for (let i = 0; i < channels; ++i) {
    const response = await server.fetch(`/api/channels/${prefix}:${i}`,
      { headers: { 'Syncline-Client': randomClient() } });
    assert.equal(response.status, 200);
    for (const { key, value } of (await response.json()).records) counts[key] = value.count;
  }
  return counts;
}

function assertHint(hint) {
  assert.ok(hint >= RETRY_AFTER_MS && hint <= RETRY_AFTER_MS + SPREAD_MS, `come back after ${hint}`);
}

/** Everything acked is in `counts`, and nothing that was not sent. */
function assertKept(counts, { sent, acked }) {
  for (const [key, n] of Object.entries(sent)) {
    const count = counts[key] ?? 0;
    assert.ok(count >= acked[key], `${key}: ${acked[key]} were acked, ${count} are there`);
    assert.ok(count <= n, `${key}: ${n} were sent, ${count} are there`);
  }
}

test(`${WANTED} connections are drained without a lost ack`, { timeout: 2 * PATIENCE_MS }, async (t) => {
  const count = Math.min(WANTED, filesMax() - OTHER_FILES);
  const folder = temporaryFolder(t);
  const config = {
    server: { shards: 2, drain_timeout: '4m' },
    drain: {
      notice: '0ms', calls: '1m', per_second: 2_000,
      retry_after: `${RETRY_AFTER_MS}ms`, spread: `${SPREAD_MS}ms`,
    },
    heartbeat: { interval: '10m', pong_timeout: '10m' },
    timeouts: { session: '5m', handshake: '5m', header: '5m', idle: '5m' },
  };
  const first = await startServer(t, { folder, config });
  const fleet = new Fleet(t, count);
  fleet.say(`go ${first.port}`);
  assert.equal(await fleet.hear('an ack for everybody'), 'loaded');
  const streams = Array.from({ length: STREAMS },
    (_, i) => new Events(first, [['channel', `fleet:${i % CHANNELS}`]],
      { headers: { 'Syncline-Client': randomClient() } }));
  await Promise.all(streams.map((stream) => stream.next({ type: 'live' })));
  const posters = Array.from({ length: POSTERS }, (_, i) => new Poster('posted:0', `p${i}`));
  const sentAway = posters.map((poster) => poster.postUntilSentAway(first));

  assert.deepEqual(await within((first.kill('SIGTERM'), first.exit), 'the drain', PATIENCE_MS),
    { code: 0, signal: null }, first.output);
  const gone = await fleet.hear('the close of everybody');
  assert.deepEqual(gone.problems, []);
  assert.deepEqual(gone.codes, { 4001: count });
  for (const hint of gone.hints) assertHint(hint);
  assert.ok(new Set(gone.hints).size > 20, 'they do not all come back at once');
  for (const stream of streams) {
    const { code, retryAfterMs } = await stream.until(() => stream.closed, () => 'the close');
    assert.equal(code, 4001);
    assertHint(retryAfterMs);
    stream.close();
  }
  for (const answer of await Promise.all(sentAway)) {
    // Who asked after the last moment found nobody.
    if (answer !== null) assert.deepEqual([answer.status, answer.body.code], [503, 1502]);
  }

  const second = await startServer(t, { folder, config });
  const before = await stored(second, 'fleet', CHANNELS);
  assertKept(before, gone);
  const posted = await stored(second, 'posted', 1);
  for (const { key, acked, n } of posters) assertKept(posted, { sent: { [key]: n }, acked: { [key]: acked } });

  fleet.say(`again ${second.port}`);
  const back = await fleet.hear('a verdict for everything');
  assert.deepEqual(back.problems, []);
  assert.equal(back.pending, 0);
  assert.equal(back.outcomes.duplicate, undefined, 'what was taken was acked before the goodbye');
  assert.deepEqual(await stored(second, 'fleet', CHANNELS), back.sent, 'every op once');
  for (const poster of posters) {
    await poster.settle(second);
    assert.deepEqual(poster.violations, []);
  }
  assert.deepEqual(await stored(second, 'posted', 1),
    Object.fromEntries(posters.map(({ key, n }) => [key, n])));
  const ops = Object.values(back.sent).reduce((sum, n) => sum + n, 0);
  t.diagnostic(`${count} clients, ${ops} ops; after the restart ${JSON.stringify(back.outcomes)}`);
  assert.deepEqual(await second.stop(), { code: 0, signal: null });
});

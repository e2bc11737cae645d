// SPDX-License-Identifier: Apache-2.0
// plain: it measures memory.
// Ten thousand clients that say nothing cost memory, and no thread.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

import { Connection } from './lib/connection.mjs';
import { startServer } from './lib/server.mjs';

const WANTED = 10_000;
/** Opened at the same time; more would only fill the listening socket's queue. */
const AT_ONCE = 200;
/** Files that neither side may use for connections. */
const OTHER_FILES = 200;

/** How many files a process here may open, which its sockets count among. */
function filesMax() {
  const limits = fs.readFileSync('/proc/self/limits', 'utf8');
  return Number(/Max open files\s+(\d+)/.exec(limits)[1]);
}

async function openMany(server, count) {
  const connections = [];
  while (connections.length < count) {
    const batch = Math.min(AT_ONCE, count - connections.length);
    connections.push(...await Promise.all(
      Array.from({ length: batch }, () => Connection.hello(server))));
  }
  return connections;
}

test('the number of threads does not depend on the number of connections', async (t) => {
  const count = Math.min(WANTED, filesMax() - OTHER_FILES);
  const server = await startServer(t, {
    config: {
      limits: { connections: count + 100 },
      heartbeat: { interval: '10m', pong_timeout: '10m' },
    },
  });
  const [first] = await openMany(server, 1);
  // Threads that wait for the storage start with the first work for them.
  await first.request({ type: 'get', channel: 'c' });
  const threads = server.threads();
  const emptyBytes = server.residentBytes();
  const connections = await openMany(server, count - 1);
  const fullBytes = server.residentBytes();
  t.diagnostic(`${count} idle connections: ${threads} threads before, ${server.threads()} with them, `
    + `${Math.round((fullBytes - emptyBytes) / (count - 1))} bytes each`);
  assert.equal(server.threads(), threads);
  const { connections: told } = await (await server.fetch('/api/realtime')).json();
  assert.ok(told >= count, `${told} connections`);

  // They are connections, not only sockets.
  const last = connections.at(-1);
  await last.request({ type: 'subscribe', channel: 'c' });
  await first.request({ type: 'op', channel: 'c', n: 1, key: 'k', kind: 'set', value: 1 });
  assert.equal((await last.next({ type: 'update' })).value, 1);
  assert.equal(server.threads(), threads);
  for (const connection of [first, ...connections]) connection.socket.terminate();
});

// SPDX-License-Identifier: Apache-2.0
// A copy of a storage is written while the server goes on, and is restored as docs/operations.md says.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Connection } from './lib/connection.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';

const listeners = {
  public: { bind: '127.0.0.1:0', auth: ['visitors'] },
  admin: { bind: '127.0.0.1:0', admin: true, api: false },
};

const start = (t, folder, more = {}) => startServer(t, {
  folder,
  config: {
    listeners,
    server: { shards: 2, backups: 'backups' },
    storage: { main: { use: 'sqlite', with: { path: 'data/main.db' } } },
    ...more,
  },
});

const backUp = (server, query = '?storage=main', options = {}) => fetch(
  `http://127.0.0.1:${server.ports.get('admin')}/api/backup${query}`, { method: 'POST', ...options });

const write = async (connection, n, value) => {
  const answer = await connection.request(
    { type: 'op', channel: 'kept', n, key: 'k', kind: 'set', value });
  assert.equal(answer.type, 'ack');
};

const records = async (connection) =>
  (await connection.request({ type: 'get', channel: 'kept' })).records.map(({ value }) => value);

test('a backup is what was acknowledged when it was asked for; restored it has a new epoch', async (t) => {
  const folder = temporaryFolder(t);
  const server = await start(t, folder);
  const one = await Connection.hello(server);
  await write(one, 1, 'before');
  const before = await one.request({ type: 'subscribe', channel: 'kept' });
  await one.next({ type: 'live' });

  const response = await backUp(server);
  assert.equal(response.status, 200, await response.clone().text());
  const { storage, file, bytes } = await response.json();
  assert.equal(storage, 'main');
  assert.equal(path.dirname(file), path.join(folder, 'backups'));
  assert.match(path.basename(file), /^main-\d{8}T\d{6}\.\d{3}Z\.backup$/);
  assert.equal(fs.statSync(file).size, bytes);
  await server.line(/info storage 'main' was backed up to /);

  await write(one, 2, 'after');
  const cursor = { epoch: before.epoch, seq: 2, sum: (await one.next({ type: 'update', seq: 2 })).sum };
  await server.stop();

  // As docs/operations.md tells it.
  const database = path.join(folder, 'data', 'main.db');
  for (const ending of ['', '-wal', '-shm', '.commits', '.commits-wal', '.commits-shm']) {
    fs.rmSync(database + ending, { force: true });
  }
  fs.copyFileSync(file, database);

  const restored = await start(t, folder);
  const two = await Connection.hello(restored, { client: one.client });
  assert.deepEqual(await records(two), ['before']);
  const after = await two.request({ type: 'subscribe', channel: 'kept', cursor });
  assert.notEqual(after.epoch, before.epoch);
  assert.equal(after.mode, 'reset');
  await restored.stop();
});

test('who asks for none, or wrongly, is told why', async (t) => {
  const server = await start(t, temporaryFolder(t), {
    storage: {
      main: { use: 'sqlite', with: { path: 'data/main.db' } },
      scratch: { use: 'memory' },
    },
    channels: [{ match: '*', storage: 'main' }],
  });
  const refused = async (status, words, ...asked) => {
    const response = await backUp(server, ...asked);
    const { reason } = await response.json();
    assert.equal(response.status, status, reason);
    assert.match(reason, words);
  };
  await refused(400, /which storage/, '');
  await refused(400, /no storage of this name/, '?storage=nowhere');
  await refused(405, /only POST/, '?storage=main', { method: 'GET' });
  await refused(403, /no page/, '?storage=main', { headers: { Origin: 'https://evil.example' } });
  const memory = await backUp(server, '?storage=scratch');
  assert.ok(memory.status >= 500, 'a storage in memory writes none');
  assert.match((await memory.json()).reason, /cannot write a backup/);
  await server.line(/error backing up storage 'scratch' failed/);
  assert.equal((await fetch(`${server.http}/api/backup?storage=main`, { method: 'POST' })).status, 404);
});

test('without a folder for them there are none', async (t) => {
  const server = await start(t, temporaryFolder(t), { server: { shards: 1 } });
  const response = await backUp(server);
  assert.equal(response.status, 501);
  assert.match((await response.json()).reason, /server\.backups/);
});

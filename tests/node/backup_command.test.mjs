// SPDX-License-Identifier: Apache-2.0
// `syncline backup`: a storage becomes one file, whether or not a server has it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { program } from './lib/build.mjs';
import { Connection } from './lib/connection.mjs';
import { startServer, temporaryFolder, writeConfiguration } from './lib/server.mjs';

/** Runs a command to its end: { code, out, said }. The server, and this process, go on meanwhile. */
const command = (...words) => new Promise((resolve) => {
  execFile(program, words, { encoding: 'utf8' }, (error, out, said) => {
    resolve({ code: error ? error.code : 0, out, said });
  });
});

/** A port that was free a moment ago. */
const freePort = () => new Promise((resolve) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

const listeners = (adminPort) => ({
  public: { bind: '127.0.0.1:0', auth: ['visitors'] },
  admin: { bind: `127.0.0.1:${adminPort}`, admin: true, api: false },
});

const settings = (adminPort, more = {}) => ({
  listeners: listeners(adminPort),
  server: { shards: 2, backups: 'backups' },
  storage: { main: { use: 'sqlite', with: { path: 'data/main.db' } } },
  ...more,
});

const configIn = (folder) => path.join(folder, 'syncline.yaml');
const backUp = (folder, ...words) => command('backup', '--config', configIn(folder), ...words);

/** Writes, one op behind the ack of the other, until it is told to stop. */
class Writer {
  acked = 0;

  constructor(connection, channel) {
    this.running = (async () => {
      for (let n = 1; !this.stopped; ++n) {
        const answer = await connection.request(
          { type: 'op', channel, n, key: `k${n}`, kind: 'set', value: { n, text: 'x'.repeat(200) } });
        assert.equal(answer.type, 'ack', JSON.stringify(answer));
        this.acked = n;
        this.wake?.();
      }
    })();
  }

  async reach(count) {
    while (this.acked < count) await new Promise((resolve) => { this.wake = resolve; });
  }

  stop() {
    this.stopped = true;
    return this.running;
  }
}

/** What the copy holds as a storage of its own: channel -> keys. It is checked, then served. */
async function openCopy(t, file, channels) {
  const folder = temporaryFolder(t);
  fs.copyFileSync(file, path.join(folder, 'copy.db'));
  const config = { storage: { main: { use: 'sqlite', with: { path: 'copy.db' } } } };
  const { code, out, said } = await command('storage', 'check', '--config', writeConfiguration(folder, config));
  assert.equal(code, 0, out + said);
  assert.match(out, /main: \d+ channels, \d+ records, \d+ entries of logs: fine/);
  const server = await startServer(t, { folder, config });
  const reader = await Connection.hello(server);
  const held = new Map();
  for (const channel of channels) {
    const pieces = [await reader.request({ type: 'get', channel })];
    while (pieces.at(-1).more) pieces.push(await reader.next({ type: 'snapshot', channel }));
    held.set(channel, new Map(pieces.flatMap(({ records }) => records).map(({ key, value }) => [key, value])));
  }
  await server.stop();
  return held;
}

test('while a server writes: the copy is whole and has every op that was acked before', async (t) => {
  const folder = temporaryFolder(t);
  const server = await startServer(t, { folder, config: settings(await freePort()) });
  const channels = ['doc:a', 'doc:b', 'doc:c'];
  const writers = await Promise.all(channels.map(
    async (channel) => new Writer(await Connection.hello(server), channel)));
  await Promise.all(writers.map((writer) => writer.reach(150)));

  for (const target of ['copy.db', undefined]) {
    const before = writers.map(({ acked }) => acked);
    const file = target && path.join(folder, target);
    const { code, out, said } = await backUp(folder, ...(file ? ['--to', file] : []));
    assert.equal(code, 0, said);
    assert.match(said, /storage 'main' was backed up \(\d+ bytes, by the server at http:\/\/127\.0\.0\.1:\d+\)/);
    const written = out.trim();
    if (file) assert.equal(written, file);
    else assert.equal(path.dirname(written), path.join(folder, 'backups'));
    const held = await openCopy(t, written, channels);
    for (const [at, channel] of channels.entries()) {
      for (let n = 1; n <= before[at]; ++n) assert.equal(held.get(channel).get(`k${n}`)?.n, n, `${channel} ${n}`);
    }
    // What goes on is not waited for, nor disturbed.
    await Promise.all(writers.map((writer) => writer.reach(writer.acked + 1)));
  }
  assert.equal(fs.readdirSync(path.join(folder, 'backups')).length, 1, 'the first was moved');
  await Promise.all(writers.map((writer) => writer.stop()));
  await server.stop();
});

test('without a server it writes the copy by itself, and the storage stays as it was', async (t) => {
  const folder = temporaryFolder(t);
  const config = settings(await freePort());
  const server = await startServer(t, { folder, config });
  const writer = new Writer(await Connection.hello(server), 'doc:a');
  await writer.reach(20);
  await writer.stop();
  const one = await Connection.hello(server);
  const { epoch } = await one.request({ type: 'subscribe', channel: 'doc:a' });
  await server.stop();

  const file = path.join(folder, 'copy.db');
  const { code, out, said } = await backUp(folder, '--to', file);
  assert.deepEqual([code, out], [0, `${file}\n`], said);
  assert.match(said, /storage 'main' was backed up \(\d+ bytes, no server had it\)/);
  assert.equal((await openCopy(t, file, ['doc:a'])).get('doc:a').size, writer.acked);
  const second = await backUp(folder);
  assert.equal(path.dirname(second.out.trim()), path.join(folder, 'backups'), second.said);

  const again = await startServer(t, { folder, config });
  const two = await Connection.hello(again);
  assert.equal((await two.request({ type: 'subscribe', channel: 'doc:a' })).epoch, epoch);
  await again.stop();
});

test('what it cannot do it says, with what to do', async (t) => {
  const folder = temporaryFolder(t);
  const refused = async (code, words, ...given) => {
    const answer = await backUp(folder, ...given);
    assert.deepEqual([answer.code, answer.out], [code, ''], answer.said);
    assert.match(answer.said, words);
  };
  const file = path.join(folder, 'copy.db');
  const two = { main: { use: 'sqlite', with: { path: 'data/main.db' } }, scratch: { use: 'memory' } };
  writeConfiguration(folder, settings(0, { storage: two, server: {}, channels: [{ match: '*', storage: 'main' }] }));
  await refused(1, /which one of the storages: --storage main, scratch/);
  await refused(1, /no storage 'other', it has main, scratch/, '--storage', 'other');
  await refused(1, /--to FILE is needed: the configuration has no server\.backups/, '--storage', 'main');
  await refused(4, /cannot write a backup/, '--storage', 'scratch', '--to', file);
  await refused(4, /storage 'main' holds no channel/, '--storage', 'main', '--to', file);
  assert.equal(fs.existsSync(file), false);
  await refused(1, /is not http:\/\/HOST:PORT/, '--storage', 'main', '--to', file, '--url', 'ftp://here');
  await refused(4, /http:\/\/127\.0\.0\.1:1\/api\/backup.*refused/,
    '--storage', 'main', '--to', file, '--url', 'http://127.0.0.1:1');
  fs.writeFileSync(file, 'precious');
  await refused(1, /copy\.db: exists: a backup never replaces a file/, '--storage', 'main', '--to', file);
  assert.equal(fs.readFileSync(file, 'utf8'), 'precious');
  fs.rmSync(file);

  const anyPort = await startServer(t, { folder, config: settings(0, { server: { shards: 1 } }) });
  const locked = new RegExp(`main\\.db\\.lock: locked by another process \\(pid ${anyPort.pid}\\)`);
  await refused(4, locked, '--to', file);
  await refused(4, /say where its listener 'admin' is, which takes any port: --url http:\/\/127\.0\.0\.1:PORT/,
    '--to', file);
  const url = `http://127.0.0.1:${anyPort.ports.get('admin')}/`;
  await refused(4, /wrote no backup: no folder for backups is configured: server\.backups/, '--to', file, '--url', url);
  await refused(4, /wrote no backup: there is nothing at this path; is that its listener with `admin`\?/,
    '--to', file, '--url', anyPort.http);
  await anyPort.stop();

  const alone = settings(0);
  delete alone.listeners.admin;
  const silent = await startServer(t, { folder, config: alone });
  await refused(4, /nobody can ask it for a copy: the configuration has no listener with `admin: true`/, '--to', file);
  await silent.stop();
  assert.ok(!fs.existsSync(file));
});

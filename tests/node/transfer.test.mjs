// A channel moves from one storage to another as lines of JSON; storages are checked without a server.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { program } from './lib/build.mjs';
import { Connection } from './lib/connection.mjs';
import { startServer, temporaryFolder, writeConfiguration } from './lib/server.mjs';

/** Runs a command to its end, with what it reads: { code, out, said }. */
const command = (input, ...words) => {
  const { status, stdout, stderr } = spawnSync(program, words, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { code: status, out: stdout, said: stderr };
};

const sqlite = (folder, name) => ({ main: { use: 'sqlite', with: { path: path.join(folder, name) } } });
const rules = { conflict: [{ use: 'server_wins' }], channels: [{ match: '*', history: { ops: 50 } }] };

const recordsOf = async (connection) => {
  const { records } = await connection.request({ type: 'get', channel: 'doc:a' });
  return records.sort((a, b) => a.key.localeCompare(b.key));
};

/** Two authors, and every outcome that there is; the server is stopped in order. */
async function write(t, folder) {
  const server = await startServer(t, { folder, config: { storage: sqlite(folder, 'one.db'), ...rules } });
  const ann = await Connection.hello(server);
  const ben = await Connection.hello(server);
  const op = (who, n, more) => who.request({ type: 'op', channel: 'doc:a', n, ...more });
  const first = await ann.request({ type: 'subscribe', channel: 'doc:a' });
  const early = await ann.next({ type: 'live' });
  for (let n = 1; n <= 30; ++n) {
    assert.equal((await op(ann, n, { key: `k${n % 7}`, kind: 'set', value: { n, text: '…' } })).type, 'ack');
  }
  const conflict = await op(ben, 1, { key: 'k1', base: 1, kind: 'merge', value: { n: 'mine' } });
  assert.equal(conflict.type, 'conflict');
  const rejected = await op(ben, 2, { key: 'k1', kind: 'increment', path: '/text', by: 1 });
  assert.equal(rejected.settled, true);
  assert.equal((await op(ben, 3, { kind: 'void' })).outcome, 'void');
  assert.equal((await op(ben, 4, { key: 'k2', kind: 'delete' })).outcome, 'applied');
  const records = await recordsOf(ann);
  await server.stop();
  return { ann, ben, records, conflict, rejected,
    cursor: { epoch: first.epoch, seq: early.seq, sum: early.sum } };
}

test('a channel moves with records, verdicts and history: clients resume as if nothing had happened', async (t) => {
  const folder = temporaryFolder(t);
  const before = await write(t, folder);
  const one = path.join(folder, 'syncline.yaml');
  const written = command('', 'export', '--config', one, '--channel', 'doc:a');
  assert.equal(written.code, 0, written.said);
  assert.match(written.said, /exported 'doc:a' of storage 'main': 7 records, 2 streams, 31 entries of the log, seq 31/);
  const lines = written.out.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual([lines[0].kind, lines[0].format, lines[0].seq], ['channel', 1, 31]);
  assert.deepEqual(lines.at(-1).kind, 'end');
  assert.deepEqual(
    lines.find(({ user, kind }) => kind === 'stream' && user === before.ben.welcome.user).outcomes,
    [[1, 'conflict'], [2, 'rejected'], [3, 'void'], [4, 'applied']]);

  const other = fs.mkdtempSync(path.join(folder, 'other-'));
  const storage = sqlite(folder, 'two.db');
  const two = writeConfiguration(other, { storage, ...rules });
  const read = command(written.out, 'import', '--config', two, '--channel', 'doc:a');
  assert.equal(read.code, 0, read.said);
  assert.match(read.said, /imported 'doc:a' as 'doc:a' into storage 'main': 7 records, 2 streams, 31 entries/);
  const again = command(written.out, 'import', '--config', two, '--channel', 'doc:a');
  assert.equal(again.code, 4);
  assert.match(again.said, /channel 'doc:a' is not empty: nothing was changed/);
  assert.match(command('', 'storage', 'check', '--config', two).out, /main: 1 channels, 7 records, 31 entries of logs: fine/);

  const server = await startServer(t, { folder: other, config: { storage, ...rules } });
  const ann = await Connection.hello(server, { client: before.ann.client });
  const subscribed = await ann.request({ type: 'subscribe', channel: 'doc:a', cursor: before.cursor });
  assert.deepEqual([subscribed.mode, subscribed.epoch, subscribed.high], ['tail', before.cursor.epoch, 30]);
  const missed = [];
  while (missed.length < 31) missed.push(...(await ann.next({ type: 'updates' })).updates);
  assert.deepEqual(missed.map(({ seq }) => seq), Array.from({ length: 31 }, (_, i) => i + 1));
  await ann.next({ type: 'live' });
  assert.deepEqual(await recordsOf(ann), before.records);

  const ben = await Connection.hello(server, { client: before.ben.client });
  const resend = (n, more) => ben.request({ type: 'op', channel: 'doc:a', n, ...more });
  const { re: _, ...conflict } = await resend(1, { key: 'k1', base: 1, kind: 'merge', value: { n: 'mine' } });
  const { re: __, ...was } = before.conflict;
  assert.deepEqual(conflict, { ...was, duplicate: true });
  assert.equal((await resend(2, { key: 'k1', kind: 'increment', path: '/text', by: 1 })).code, before.rejected.code);
  assert.equal((await resend(4, { key: 'k2', kind: 'delete' })).original, 'applied');
  assert.equal((await resend(5, { key: 'k5', kind: 'set', value: 5 })).seq, 32);
  await server.stop();
});

test('lines that are not what was exported are refused by number, and nothing is written', async (t) => {
  const folder = temporaryFolder(t);
  await write(t, folder);
  const { out } = command('', 'export', '--config', path.join(folder, 'syncline.yaml'), '--channel', 'doc:a');
  const other = fs.mkdtempSync(path.join(folder, 'other-'));
  const config = writeConfiguration(other, { storage: sqlite(folder, 'two.db'), ...rules });
  const lines = out.trimEnd().split('\n');
  const refused = (changed, words) => {
    const { code, said } = command(`${changed.join('\n')}\n`, 'import', '--config', config, '--channel', 'doc:a');
    assert.deepEqual([code, words.test(said)], [1, true], said);
    assert.match(said, /nothing was written/);
  };
  refused(lines.slice(0, -1), new RegExp(`line ${lines.length}: is missing`));
  refused(lines.slice(1), /line 1: the header of a channel comes first/);
  refused([...lines.slice(0, 3), '{"kind":', ...lines.slice(3)], /line 4: /);
  refused([lines[0].replace('"format":1', '"format":2'), ...lines.slice(1)], /line 1: has format 2, this server knows format 1/);
  refused(lines.filter((_, at) => at !== 2), new RegExp(`line ${lines.length - 1}: lines are missing`));
  const changed = lines.map((line) => line.replace('"…"', '"!"'));
  refused(changed, /line \d+: the record and its 'image' do not say the same/);
  const entry = lines.findIndex((line) => line.includes('"kind":"entry"'));
  refused([...lines.slice(0, entry + 1), ...lines.slice(entry + 2)], new RegExp(`line ${entry + 2}: seq 2 is missing`));
  assert.ok(!fs.existsSync(path.join(folder, 'two.db')));
});

test('a storage that a server has, a channel that is not there, a name that nothing keeps: told in words', async (t) => {
  const folder = temporaryFolder(t);
  const server = await startServer(t, { folder, config: { storage: sqlite(folder, 'one.db'), channels: [{ match: 'doc:*' }] } });
  const config = path.join(folder, 'syncline.yaml');
  const locked = command('', 'export', '--config', config, '--channel', 'doc:a');
  assert.equal(locked.code, 4);
  assert.match(locked.said, new RegExp(`one\\.db\\.lock: locked by another process \\(pid ${server.pid}\\)`));
  assert.equal(command('', 'storage', 'check', '--config', config).code, 4);
  await server.stop();
  const missing = command('', 'export', '--config', config, '--channel', 'doc:none');
  assert.deepEqual([missing.code, missing.out], [4, '']);
  assert.match(missing.said, /the storage has no channel 'doc:none'/);
  assert.match(command('', 'export', '--config', config, '--channel', 'x').said, /no pattern of 'channels' matches 'x'/);
  assert.match(
    command('', 'import', '--config', config, '--channel', 'x', '--storage', 'y').said, /the configuration has no storage 'y'/);
});

test('a check has the files themselves read through, which a start in order spares itself', async (t) => {
  const folder = temporaryFolder(t);
  await write(t, folder);
  const file = path.join(folder, 'one.db');
  const bytes = fs.readFileSync(file);
  bytes[39] ^= 1; // of the header: how many pages are free
  fs.writeFileSync(file, bytes);
  const config = path.join(folder, 'syncline.yaml');
  const { code, said } = command('', 'storage', 'check', '--config', config);
  assert.equal(code, 4, said);
  assert.match(said, /one\.db: .*integrity_check/);
  assert.equal(command('', 'export', '--config', config, '--channel', 'doc:a').code, 0);
});

test('a check names the channel that is damaged', async (t) => {
  const folder = temporaryFolder(t);
  await write(t, folder);
  const file = path.join(folder, 'one.db');
  const bytes = fs.readFileSync(file);
  const at = bytes.indexOf('"text"');
  assert.ok(at > 0);
  bytes[at + 1] ^= 1;
  fs.writeFileSync(file, bytes);
  const { code, out, said } = command('', 'storage', 'check', '--config', path.join(folder, 'syncline.yaml'));
  assert.equal(code, 4, out + said);
  assert.match(out, /main: channel 'doc:a': .*damaged/);
  assert.match(said, /1 channel is damaged: keep a copy of the files and restore a backup/);
});

// SPDX-License-Identifier: Apache-2.0
// Plugins that do what they should not, and files that are no plugins: the server outlives both.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { source, testPlugins } from './lib/build.mjs';
import { Connection } from './lib/connection.mjs';
import { Raw } from './lib/raw.mjs';
import { run, startServer, temporaryFolder, writeConfiguration } from './lib/server.mjs';

const library = (name) => path.join(testPlugins, `lib${name}.so`);

describe('a handler that misbehaves', () => {
  const misbehaving = (t, pipelines = {}) => startServer(t, {
    config: {
      plugins: { load: [library('test_misbehaving')] },
      pipelines: { completes_late: [{ use: 'completes_late', with: { until: '/' } }], ...pipelines },
    },
  });

  /** Others see nothing of it, and its own sender may go on. */
  async function unharmed(server, sender) {
    const other = await Connection.hello(server);
    for (const connection of [sender, other]) {
      const channel = `after:${connection.client}`;
      const ack = await connection.request(
        { type: 'op', channel, n: 1, key: 'k', kind: 'set', value: 1 });
      assert.equal(ack.outcome, 'applied');
    }
    await other.close();
  }

  for (const type of ['throws', 'throws_no_exception', 'unknown_outcome']) {
    test(`its caller gets an error: ${type}`, async (t) => {
      const server = await misbehaving(t);
      const ann = await Connection.hello(server);
      for (let i = 0; i < 3; ++i) {
        const error = await ann.request({ type });
        assert.deepEqual([error.type, error.code], ['error', 1004], JSON.stringify(error));
      }
      await unharmed(server, ann);
    });
  }

  test('its caller gets an error when the time is over: never_completes', async (t) => {
    const server = await misbehaving(
      t, { never_completes: [{ use: 'never_completes', timeout: '100ms' }] });
    const ann = await Connection.hello(server);
    const [one, two] = await Promise.all([1, 2].map(() => ann.request({ type: 'never_completes' })));
    for (const error of [one, two]) assert.deepEqual([error.code, error.retry], [1002, true]);
    await unharmed(server, ann);
  });

  test('a second completion is dropped and logged: completes_twice', async (t) => {
    const server = await misbehaving(t);
    const ann = await Connection.hello(server);
    assert.equal((await ann.request({ type: 'completes_twice' })).type, 'completed');
    await server.line(/completes_twice.* misbehaves/);
    await unharmed(server, ann);
    assert.deepEqual(ann.inbox, [], 'one answer');
  });

  test('a completion behind its deadline is dropped and logged: completes_late', async (t) => {
    const folder = temporaryFolder(t);
    const until = path.join(folder, 'now');
    const server = await misbehaving(
      t, { completes_late: [{ use: 'completes_late', with: { until }, timeout: '100ms' }] });
    const ann = await Connection.hello(server);
    const gone = await Connection.hello(server);
    gone.send({ type: 'completes_late', id: 'never answered' });
    assert.equal((await ann.request({ type: 'completes_late' })).code, 1002);
    gone.socket.terminate();
    fs.writeFileSync(until, '');
    await server.line(/completes_late.* (late|misbehaves)/);
    await unharmed(server, ann);
    assert.deepEqual(ann.inbox, []);
  });

  test('a completion before it says stop counts once: completes_and_stops', async (t) => {
    const server = await misbehaving(t);
    const ann = await Connection.hello(server);
    ann.send({ type: 'completes_and_stops', id: 1 });
    await unharmed(server, ann);
  });
});

describe('a handler that blocks', () => {
  const loaded = [library('test_blocking'), library('test_well_behaved')];

  /** Pipelines of both handlers, each of which holds its thread until the file is there. */
  const pipelines = (until, timeout) => Object.fromEntries(
    ['blocks_as_declared', 'blocks_undeclared'].map((use) => [use, [{ use, with: { until }, timeout }]]));

  test('as declared, holds up nobody but its callers', async (t) => {
    const folder = temporaryFolder(t);
    const until = path.join(folder, 'now');
    const server = await startServer(t, {
      folder,
      config: {
        server: { shards: 1, watchdog: '500ms' },
        plugins: { load: loaded },
        limits: { blocking_threads: 2, blocking_calls: 4 },
        pipelines: pipelines(until, '300ms'),
      },
    });
    const [ann, ben] = [await Connection.hello(server), await Connection.hello(server)];
    const first = await ann.request({ type: 'blocks_as_declared' });
    assert.equal(first.code, 1002);
    // What hangs fills its instance's share of the pool, and then only this instance is busy.
    const more = await Promise.all(
      Array.from({ length: 12 }, () => ann.request({ type: 'blocks_as_declared' })));
    for (const error of more) {
      assert.ok([1002, 1004, 1404].includes(error.code), JSON.stringify(error));
    }
    for (const connection of [ann, ben]) {
      assert.equal((await connection.request({ type: 'describe' })).type, 'described');
    }
    assert.equal((await server.fetch('/healthz')).status, 200);
    assert.ok(!/stood still/.test(server.output));
    fs.writeFileSync(until, '');
    for (;;) {
      const answer = await ben.request({ type: 'blocks_as_declared' });
      if (answer.type === 'unblocked') break;
    }
  });

  test('undeclared, is named by the watchdog while the other shards go on', async (t) => {
    const folder = temporaryFolder(t);
    const until = path.join(folder, 'now');
    const server = await startServer(t, {
      folder,
      config: {
        server: { shards: 2, watchdog: '200ms' },
        plugins: { load: loaded },
        pipelines: pipelines(until, '10s'),
      },
    });
    // Connections of both shards, and requests for health that are open already: a shard that
    // stands still may be the one that would accept them.
    const byShard = [[], []];
    for (let i = 0; i < 8; ++i) {
      const connection = await Connection.hello(server);
      const { shard } = await connection.request({ type: 'describe' });
      byShard[shard].push(connection);
    }
    assert.ok(byShard.every((connections) => connections.length > 0), 'connections are spread');
    const https = await Promise.all(Array.from({ length: 8 }, () => Raw.connect(server.port)));
    for (const http of https) {
      http.request('GET', '/healthz');
      assert.equal((await http.response()).status, 200);
    }
    const [ann, ben] = [byShard[0][0], byShard[1][0]];
    const blocked = ben.request({ type: 'blocks_undeclared' });
    await server.line(/stood still.*blocks_undeclared/, 'the watchdog to name the handler');

    const ops = Array.from({ length: 32 }, (_, i) => ann.request(
      { type: 'op', channel: `c:${i}`, n: 1, key: 'k', kind: 'set', value: i }));
    assert.equal((await ann.request({ type: 'describe' })).type, 'described');
    assert.equal((await Promise.any(ops)).outcome, 'applied', 'channels of the other shard go on');
    for (const http of https) http.request('GET', '/healthz');
    const health = await Promise.any(https.map((http) => http.response()));
    assert.equal(health.status, 503);
    assert.match(JSON.parse(health.body).reason, /shard 1 .*blocks_undeclared/);

    fs.writeFileSync(until, '');
    assert.equal((await blocked).type, 'unblocked');
    await server.line(/shard 1 goes on/);
    for (const ack of await Promise.all(ops)) assert.equal(ack.outcome, 'applied');
    assert.equal((await server.fetch('/healthz')).status, 200);
  });
});

describe('a conflict strategy, a storage or an auth provider that throws', () => {
  const load = [library('test_throwing_kinds')];
  const op = (n, change) => ({ type: 'op', channel: 'c', n, key: 'k', ...change });

  for (const use of ['throwing_conflict', 'silent_conflict']) {
    test(`refuses the op and nothing else: ${use}`, async (t) => {
      const server = await startServer(t, { config: { plugins: { load }, conflict: [{ use }] } });
      const [ann, ben] = [await Connection.hello(server), await Connection.hello(server)];
      await ann.request(op(1, { base: 0, kind: 'set', value: 1 }));
      const answer = await ben.request(op(1, { base: 0, kind: 'set', value: 2 }));
      assert.notEqual(answer.type, 'ack', JSON.stringify(answer));
      const { records } = await ben.request({ type: 'get', channel: 'c' });
      assert.deepEqual(records.map(({ value }) => value), [1]);
      assert.equal((await ann.request(op(2, { base: 1, kind: 'set', value: 3 }))).outcome, 'applied');
    });
  }

  test('nothing is acked by a storage that fails', async (t) => {
    const server = await startServer(t, {
      config: { plugins: { load }, storage: { main: { use: 'throwing_storage' } } },
    });
    const ann = await Connection.hello(server);
    const answer = await ann.request(op(1, { kind: 'set', value: 1 }));
    assert.deepEqual([answer.type, answer.settled], ['error', false], JSON.stringify(answer));
    assert.equal(answer.retry, true);
    assert.equal((await ann.request({ type: 'ping' })).type, 'pong');
  });

  test('nobody gets a session by an auth provider that fails', async (t) => {
    const server = await startServer(t, {
      config: { plugins: { load }, auth: { visitors: { use: 'throwing_auth' } } },
    });
    const connection = await Connection.open(server);
    const error = await connection.request(
      { type: 'hello', protocol: 1, client: 'c'.repeat(32) });
    assert.equal(error.type, 'error', JSON.stringify(error));
    assert.equal((await server.fetch('/healthz')).status, 200);
  });
});

describe('a plugin file that is wrong', () => {
  const good = fs.readFileSync(library('plain_c_echo'));
  const schema = fs.readFileSync(path.join(source, 'tests/plugins/plain_c/plain_c_echo.schema.json'));

  /** A copy with one text for another of the same length, everywhere. */
  function with_(from, to) {
    const [a, b] = [Buffer.from(from), Buffer.from(to)];
    assert.equal(a.length, b.length, `${from} and ${to}`);
    const copy = Buffer.from(good);
    let at = copy.indexOf(a);
    assert.notEqual(at, -1, `there is no ${from}`);
    for (; at >= 0; at = copy.indexOf(a, at)) b.copy(copy, at);
    return copy;
  }
  const bytes = (changes) => {
    const copy = Buffer.from(good);
    for (const [at, byte] of Object.entries(changes)) copy[at] = byte;
    return copy;
  };

  const table = {
    'is empty': [Buffer.alloc(0), 'P305', /is empty/],
    'is text': [Buffer.from('#!/bin/sh\n'), 'P307', /not an ELF file/],
    'is an archive': [Buffer.from('!<arch>\nnothing'), 'P307', /not an ELF file/],
    'ends in its header': [good.subarray(0, 40), 'P308', /truncated/],
    'ends in the middle': [good.subarray(0, good.length >> 1), 'P308', /truncated/],
    'lacks its last byte': [good.subarray(0, good.length - 1), 'P308', /truncated/],
    'is 32-bit': [bytes({ 4: 1 }), 'P309', /32-bit/],
    'is big-endian': [bytes({ 5: 2 }), 'P310', /big-endian/],
    'is for another machine': [bytes({ 18: 0xf3, 19: 0 }), 'P311', /is for RISC-V/],
    'is an object file': [bytes({ 16: 1 }), 'P312', /object file/],
    'is a program': [bytes({ 16: 2 }), 'P313', /is a program/],
    'is this very Node.js': [() => fs.readFileSync(process.execPath), 'P313', /is a program/],
    'is damaged': [bytes({ 54: 1 }), 'P314', /damaged/],
    'is of another major': [with_('"abi":[1,0]', '"abi":[2,0]'), 'P302', /2\.0.*this host has 1\.\d+/],
    'is of a newer minor': [with_('"abi":[1,0]', '"abi":[1,9]'), 'P301', /1\.9.*this host has 1\.\d+/],
    'has no manifest': [with_('.syncline.manifest', '.syncline.manifold'), 'P317', /no manifest/],
    'has a manifest that is not JSON': [with_('{"abi":', '{{abi":'), 'P318', /not JSON/],
    'is of an unknown kind': [with_('"message_handler"', '"massage_handler"'), 'P319', /massage_handler/],
    'has a bad id': [with_('"test.plain_c"', '"TEST.plain_c"'), 'P319', /TEST\.plain_c/],
    'has a schema that is not JSON':
      [with_(schema.toString('utf8', 0, 20), `?${schema.toString('utf8', 1, 20)}`), 'P320', /schema/],
    'needs a table that is not offered':
      [with_('"draft.call/1"', '"draft.cold/1"'), 'P324', /draft\.cold\/1/],
    'has no entry': [() => fs.readFileSync(library('test_no_entry')), 'P316', /syncline_plugin_v1/],
  };

  for (const [what, [content, code, reason]] of Object.entries(table)) {
    test(`is refused before it is opened: it ${what}`, async (t) => {
      const folder = temporaryFolder(t);
      fs.writeFileSync(path.join(folder, 'libwrong.so'),
        typeof content === 'function' ? content() : content);
      const file = writeConfiguration(folder, { plugins: { load: ['./libwrong.so'] } });
      for (const command of ['check', 'run']) {
        const { code: exitCode, output } = await run(command, '--config', file);
        assert.equal(exitCode, 3, output);
        assert.match(output, new RegExp(`libwrong\\.so: error\\[${code}\\]: `));
        assert.match(output, reason);
      }
    });
  }

  test('is refused: it is a folder, or a pipe', async (t) => {
    const folder = temporaryFolder(t);
    fs.mkdirSync(path.join(folder, 'libfolder.so'));
    execFileSync('mkfifo', [path.join(folder, 'libpipe.so')]);
    const file = writeConfiguration(folder, {
      plugins: { load: ['./libfolder.so', './libpipe.so'] },
    });
    const { code, output } = await run('check', '--config', file);
    assert.equal(code, 3, output);
    assert.match(output, /libfolder\.so: error\[P304\]/);
    assert.match(output, /libpipe\.so: error\[P304\]/);
  });

  test('is refused: it has another SHA-256 than the configuration names', async (t) => {
    const digest = crypto.createHash('sha256').update(good).digest('hex');
    const check = (sha256) => {
      const load = [{ path: library('plain_c_echo'), sha256 }];
      return run('check', '--config', writeConfiguration(temporaryFolder(t), { plugins: { load } }));
    };
    assert.equal((await check(digest)).code, 0);
    const { code, output } = await check(`${digest.slice(0, -4)}0000`);
    assert.equal(code, 3, output);
    assert.match(output, /libplain_c_echo\.so: error\[P322\]/);
    assert.ok(output.includes(digest), 'it says what the file has');
  });

  test('is refused: two have the same id', async (t) => {
    const folder = temporaryFolder(t);
    for (const name of ['one', 'two']) fs.writeFileSync(path.join(folder, `lib${name}.so`), good);
    const load = ['./libone.so', './libtwo.so'];
    const { code, output } = await run(
      'check', '--config', writeConfiguration(folder, { plugins: { load } }));
    assert.equal(code, 3, output);
    assert.match(output, /libtwo\.so: error\[P323\].*libone\.so/);
  });

  test('in a search folder, stands in nobody\'s way', async (t) => {
    const folder = temporaryFolder(t);
    const search = path.join(folder, 'found');
    fs.mkdirSync(search);
    for (const [i, [content]] of Object.values(table).entries()) {
      fs.writeFileSync(path.join(search, `libwrong${i}.so`),
        typeof content === 'function' ? content() : content);
    }
    fs.writeFileSync(path.join(search, 'libplain_c_echo.so'), good);
    const plugins = { search: [search], allow: ['dev.syncline.*', 'test.*'] };
    const server = await startServer(t, { folder, config: { plugins } });
    for (const [i, [, code]] of Object.values(table).entries()) {
      assert.match(server.output, new RegExp(`libwrong${i}\\.so: \\S+\\[${code}\\]`));
    }
    const ann = await Connection.hello(server);
    assert.equal((await ann.request({ type: 'plain_c_echo', x: 1 })).x, 1);
  });

  for (const name of ['null_plugin', 'short_plugin', 'null_components', 'null_component',
    'short_component', 'no_create', 'no_functions', 'missing_function', 'unknown_kind']) {
    test(`is refused when it is opened: ${name}`, async (t) => {
      const load = [library(`test_${name}`)];
      const file = writeConfiguration(temporaryFolder(t), {
        plugins: { load }, pipelines: { misbuilt: ['misbuilt'] },
      });
      assert.equal((await run('check', '--config', file)).code, 0, 'check opens nothing');
      const { code, output } = await run('run', '--config', file);
      assert.equal(code, 3, output);
      assert.match(output, new RegExp(`libtest_${name}\\.so: error\\[P32[78]\\]`));
    });
  }

  test('whose component cannot be made keeps the server from starting', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeConfiguration(folder, {
      plugins: { load: [library('test_broken_life')] },
      pipelines: { slow_start: [{ use: 'slow_start', with: { until: folder } }] },
    });
    const { code, output } = await run('run', '--config', file);
    assert.equal(code, 3, output);
    assert.match(output, /test\.broken_life.*'fails_in_create'.*on purpose/);
  });

  test('replaced or cut under a running server changes nothing', async (t) => {
    const folder = temporaryFolder(t);
    const file = path.join(folder, 'libmine.so');
    fs.writeFileSync(file, good);
    const server = await startServer(t, { folder, config: { plugins: { load: ['./libmine.so'] } } });
    const ann = await Connection.hello(server);
    assert.equal((await ann.request({ type: 'plain_c_echo', x: 1 })).x, 1);
    fs.truncateSync(file, 0);
    assert.equal((await ann.request({ type: 'plain_c_echo', x: 2 })).x, 2);
    fs.rmSync(file);
    assert.equal((await ann.request({ type: 'plain_c_echo', x: 3 })).x, 3);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  });
});

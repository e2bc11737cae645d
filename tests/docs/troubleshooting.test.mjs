// SPDX-License-Identifier: Apache-2.0
// docs/operations.md, "When something is wrong": each trouble is brought about, and the server says what is shown.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { testPlugins } from '../node/lib/build.mjs';
import { Connection, randomClient } from '../node/lib/connection.mjs';
import { Raw } from '../node/lib/raw.mjs';
import { run, startServer, temporaryFolder, writeConfiguration } from '../node/lib/server.mjs';
import { fencedBlocks } from './markdown.mjs';
import { patternOf } from './patterns.mjs';

const admin = { bind: '127.0.0.1:0', admin: true, api: false };
const open = { bind: '127.0.0.1:0', auth: ['visitors'] };
const debug = { level: 'debug' };
const op = (n) => ({ type: 'op', channel: 'c', n, key: 'k', kind: 'set', value: n });

/** Checks or runs a configuration that is no good: what it says. */
async function failing(t, exitCode, changes, command = 'run', folder = temporaryFolder(t)) {
  const { code, output } = await run(command, '--config', writeConfiguration(folder, changes));
  assert.equal(code, exitCode, output);
  return output.split('\n');
}

/** A server whose log says more, and what it said when it has ended. */
async function logging(t, config, scenario) {
  const server = await startServer(t, { config: { log: debug, ...config } });
  await scenario(server);
  await server.stop();
  return server.lines;
}

const startLine = ({ status, body }) => [
  `HTTP/1.1 ${status} ${{ 403: 'Forbidden', 426: 'Upgrade Required' }[status]}`, body.trim()];

/** A server with handlers that hold their thread until the test lets go. */
async function blocking(t, server, timeout) {
  const folder = temporaryFolder(t);
  const until = path.join(folder, 'until');
  const types = ['blocks_undeclared', 'blocks_as_declared'];
  const started = await startServer(t, {
    folder,
    config: {
      log: debug,
      server,
      plugins: { load: [path.join(testPlugins, 'libtest_blocking.so')] },
      pipelines: Object.fromEntries(types.map((use) => [use, [{ use, timeout, with: { until } }]])),
    },
  });
  return { server: started, one: await Connection.hello(started), letGo: () => fs.writeFileSync(until, '') };
}

const TROUBLES = {
  wrong_key: (t) => failing(t, 2, { server: { drain_timout: '5s' } }, 'check'),
  unknown_component: (t) => failing(t, 2, { storage: { main: { use: 'postgres' } } }, 'check'),

  async broken_plugin(t) {
    const folder = temporaryFolder(t);
    fs.writeFileSync(path.join(folder, 'broken.so'), 'this is no library at all'.repeat(100));
    return failing(t, 3, { plugins: { load: ['broken.so'] } }, 'run', folder);
  },

  async port_taken(t) {
    const server = await startServer(t);
    return failing(t, 4, { listeners: { public: { ...open, bind: `127.0.0.1:${server.port}` } } });
  },

  async second_server(t) {
    const folder = temporaryFolder(t);
    await startServer(t, { folder });
    return failing(t, 4, {}, 'run', folder);
  },

  async old_journal(t) {
    const folder = temporaryFolder(t);
    const database = path.join(folder, 'syncline.db');
    const server = await startServer(t,
      { folder, config: { listeners: { public: open, admin }, server: { backups: 'backups' } } });
    const one = await Connection.hello(server);
    await one.request(op(1));
    const response = await fetch(
      `http://127.0.0.1:${server.ports.get('admin')}/api/backup?storage=main`, { method: 'POST' });
    const { file } = await response.json();
    await server.stop();
    fs.copyFileSync(file, database);
    return failing(t, 4, {}, 'run', folder);
  },

  async foreign_origin(t) {
    const server = await startServer(t);
    const raw = await Raw.connect(server.port);
    raw.request('GET', '/api/channels/c', { Origin: 'https://evil.example' });
    return startLine(await raw.response());
  },

  async upgrade_lost(t) {
    const server = await startServer(t);
    const raw = await Raw.connect(server.port);
    raw.request('GET', '/ws');
    return startLine(await raw.response());
  },

  not_authenticated: (t) => logging(t, {
    listeners: { public: { bind: '127.0.0.1:0', auth: ['people'] } },
    auth: { people: { use: 'jwt', with: { issuer: 'a', secret: 's'.repeat(32) } } },
  }, async (server) => {
    const one = await Connection.open(server);
    const answer = await one.request({ type: 'hello', protocol: 1, client: randomClient(), token: 'a.b.c' });
    assert.equal(answer.code, 1301);
  }),

  forbidden: (t) => logging(t, { pipelines: { default: [{ use: 'acl' }] } }, async (server) => {
    const one = await Connection.hello(server);
    assert.equal((await one.request(op(1))).code, 1303);
  }),

  no_such_channel: (t) => logging(t, { channels: [{ match: 'doc:*' }] }, async (server) => {
    const one = await Connection.hello(server);
    assert.equal((await one.request({ type: 'subscribe', channel: 'c' })).code, 1201);
  }),

  too_fast: (t) => logging(t, {
    pipelines: { ping: [{ use: 'rate_limit', with: { per_connection: { rate: '1/h', burst: 1 } } }] },
  }, async (server) => {
    const one = await Connection.hello(server);
    await one.request({ type: 'ping' });
    assert.equal((await one.request({ type: 'ping' })).code, 1401);
  }),

  replaced: (t) => logging(t, {}, async (server) => {
    const one = await Connection.hello(server);
    await Connection.hello(server, { client: one.client });
    assert.equal((await one.end()).code, 4504);
  }),

  silent_end: (t) => logging(t, { heartbeat: { interval: '1s', pong_timeout: '100ms' } }, async (server) => {
    const one = await Connection.open(server, { autoPong: false });
    await one.request({ type: 'hello', protocol: 1, client: randomClient() });
    assert.equal((await one.end()).code, 4003);
  }),

  async shard_stalled(t) {
    const { server, one, letGo } = await blocking(t, { shards: 1, watchdog: '100ms' }, '1m');
    const blocked = one.request({ type: 'blocks_undeclared' });
    await server.line(/stood still/);
    letGo();
    await blocked;
    return server.lines;
  },

  async late_stage(t) {
    const { server, one, letGo } = await blocking(t, { shards: 1 }, '50ms');
    assert.equal((await one.request({ type: 'blocks_as_declared' })).code, 1002);
    letGo();
    return server.lines;
  },

  async descriptors_gone(t) {
    const server = await startServer(t, { config: { listeners: { public: open, admin } } });
    // A request that is under way keeps its connection: the answer comes over one that is there.
    const raw = await Raw.connect(server.ports.get('admin'));
    raw.request('GET', '/metrics');
    await raw.response();
    const used = fs.readdirSync(`/proc/${server.pid}/fd`).length;
    execFileSync('prlimit', ['--pid', server.pid, `--nofile=${used}:${used}`]);
    const hanging = await Raw.connect(server.port);
    t.after(() => hanging.socket.destroy());
    for (;;) {
      raw.request('GET', '/metrics');
      const { body } = await raw.response();
      if (/^syncline_accept_pauses_total\{listener="public"\} [1-9]/m.test(body)) return body.split('\n');
    }
  },

  async full(t) {
    const server = await startServer(t,
      { config: { listeners: { public: open, admin }, limits: { connections: 1 } } });
    const raw = await Raw.connect(server.ports.get('admin'));
    raw.request('GET', '/readyz');
    await raw.response();
    const refused = await Raw.connect(server.port);
    await new Promise((resolve) => { refused.socket.once('close', resolve).resume(); });
    raw.request('GET', '/metrics');
    const { body } = await raw.response();
    assert.match(body, /^syncline_connections_refused_total\{listener="public"\} 1$/m);
    return body.split('\n');
  },

  async backup_failed(t) {
    const folder = temporaryFolder(t);
    fs.writeFileSync(path.join(folder, 'backups'), 'a file, where a folder should be');
    const server = await startServer(t,
      { folder, config: { listeners: { public: open, admin }, server: { backups: 'backups' } } });
    const response = await fetch(
      `http://127.0.0.1:${server.ports.get('admin')}/api/backup?storage=main`, { method: 'POST' });
    assert.equal(response.status, 503);
    await server.line(/backing up/);
    return server.lines;
  },
};

const blocks = fencedBlocks('docs/operations.md');
const first = blocks.findIndex(({ heading }) => heading === 'It does not start');
const shown = blocks.slice(first);

test('every trouble that is shown is tried, and every one that is tried is shown', () => {
  assert.deepEqual(shown.map(({ info }) => info).toSorted(), Object.keys(TROUBLES).toSorted());
});

for (const { info, lines, firstLine } of shown) {
  test(`line ${firstLine}: ${info}`, async (t) => {
    const said = await TROUBLES[info](t);
    for (const line of lines) {
      assert.ok(said.some((other) => patternOf(line).test(other)),
        `${line}\nis not among\n${said.join('\n')}`);
    }
  });
}

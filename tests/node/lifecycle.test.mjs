// SPDX-License-Identifier: Apache-2.0
// Starting, standing, stopping.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';

import { testPlugins } from './lib/build.mjs';
import { Connection, randomClient } from './lib/connection.mjs';
import { Raw } from './lib/raw.mjs';
import { configuration, run, startServer, temporaryFolder, writeConfiguration } from './lib/server.mjs';
import { within } from './lib/within.mjs';

const set = (channel, n, value) => ({ type: 'op', id: n, channel, n, key: 'k', kind: 'set', value });

describe('stopping', () => {
  test('SIGTERM: not ready, what was taken is acked, 4001, and the exit code is 0', async (t) => {
    const server = await startServer(t);
    const ann = await Connection.hello(server);
    // It holds the shutdown open: its session lasts until the server gives up on its close.
    const silent = await Raw.connect(server.port, { allowHalfOpen: true });
    assert.equal((await silent.upgrade()).status, 101);
    const http = await Raw.connect(server.port);
    http.request('GET', '/readyz');
    assert.equal((await http.response()).status, 200);

    const count = 300;
    ann.send(Array.from({ length: 100 }, (_, i) => set('c', i + 1, i)));
    ann.send(Array.from({ length: 100 }, (_, i) => set('c', i + 101, i)));
    ann.send(Array.from({ length: 100 }, (_, i) => set('c', i + 201, i)));
    await ann.next({ re: 1 });
    server.kill('SIGTERM');
    assert.equal((await ann.end()).code, 4001);
    assert.equal(await silent.closeCode(), 4001);

    http.request('GET', '/readyz');
    const notReady = await http.response();
    assert.equal(notReady.status, 503);
    assert.match(JSON.parse(notReady.body).reason, /shutting down/);
    assert.deepEqual(await within(server.exit, 'the end'), { code: 0, signal: null });
    const refused = ann.inbox.filter(({ type, re }) => type === 'error' && re !== undefined);
    assert.ok(refused.every(({ code, settled }) => code === 1502 && settled === false));

    // What was acked is there again, in the same epoch; the rest was not taken.
    const acked = 1 + ann.inbox.filter(({ type }) => type === 'ack').length;
    assert.ok(acked <= count);
    const again = await startServer(t, { folder: server.folder });
    const ben = await Connection.hello(again);
    const snapshot = await ben.request({ type: 'get', channel: 'c' });
    assert.equal(snapshot.seq, acked, 'every op that was taken was acked');
    assert.deepEqual(await again.stop(), { code: 0, signal: null });
  });

  test('a second start finds epoch, state and verdicts', async (t) => {
    const first = await startServer(t);
    const client = randomClient();
    const ann = await Connection.hello(first, { client });
    await ann.request(set('c', 1, 'one'));
    const before = await ann.request({ type: 'get', channel: 'c' });
    assert.deepEqual(await first.stop(), { code: 0, signal: null });

    const second = await startServer(t, { folder: first.folder });
    const again = await Connection.hello(second, { client });
    const after = await again.request({ type: 'get', channel: 'c' });
    assert.deepEqual({ ...after, re: 0 }, { ...before, re: 0 });
    assert.equal((await again.request(set('c', 1, 'one'))).outcome, 'duplicate');
    assert.equal((await again.request(set('c', 2, 'two'))).seq, 2);
    assert.equal(again.welcome.user, ann.welcome.user);
    assert.equal(again.welcome.origin, ann.welcome.origin);
  });

  test('a second SIGTERM ends it at once', async (t) => {
    // A plugin's function that does not return holds the shutdown open.
    const folder = temporaryFolder(t);
    const until = path.join(folder, 'never');
    const server = await startServer(t, {
      folder,
      config: {
        plugins: { load: [path.join(testPlugins, 'libtest_blocking.so')] },
        pipelines: Object.fromEntries(['blocks_as_declared', 'blocks_undeclared'].map(
          (use) => [use, [{ use, with: { until }, timeout: '100ms' }]])),
      },
    });
    const ann = await Connection.hello(server);
    assert.equal((await ann.request({ type: 'blocks_as_declared' })).code, 1002);
    server.kill('SIGTERM');
    await server.line(/shutting down/);
    server.kill('SIGTERM');
    assert.deepEqual(await within(server.exit, 'the end'), { code: 128 + 15, signal: null });
    assert.match(server.output, /stopping at once/);
  });

  test('SIGINT stops it as SIGTERM does', async (t) => {
    const server = await startServer(t);
    assert.deepEqual(await server.stop('SIGINT'), { code: 0, signal: null });
  });

  test('SIGHUP and SIGPIPE change nothing', async (t) => {
    const server = await startServer(t);
    const ann = await Connection.hello(server);
    for (const [i, signal] of ['SIGHUP', 'SIGPIPE', 'SIGHUP', 'SIGUSR1'].entries()) {
      server.kill(signal);
      assert.equal((await ann.request(set('c', i + 1, signal))).outcome, 'applied');
    }
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  });
});

describe('starting', () => {
  test('it says what it listens on, what it loaded, what it runs, and a line to try', async (t) => {
    const server = await startServer(t);
    await server.line(/^try: /);
    assert.match(server.output, /^ +dev\.syncline\.\S+/m);
    for (const type of ['hello', 'subscribe', 'op', 'get', 'ping', 'unsubscribe']) {
      assert.match(server.output, new RegExp(`^ +${type} `, 'm'));
    }
  });

  test('a port that is taken is exit code 4', async (t) => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await new Promise((resolve) => { taken.once('listening', resolve); });
    const { port } = taken.address();
    const file = writeConfiguration(temporaryFolder(t), {
      listeners: { public: { bind: `127.0.0.1:${port}`, auth: ['visitors'] } },
    });
    const { code, output } = await run('run', '--config', file);
    assert.equal(code, 4, output);
    assert.match(output, new RegExp(`public.*127\\.0\\.0\\.1:${port}`));
  });

  test('a database that cannot be opened is exit code 4', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeConfiguration(folder, {
      storage: { main: { use: 'sqlite', with: { path: folder } } },
    });
    const { code, output } = await run('run', '--config', file);
    assert.equal(code, 4, output);
    assert.ok(output.includes('main'), output);
  });

  test('a wrong configuration is exit code 2, with the place and a suggestion', async (t) => {
    const file = path.join(temporaryFolder(t), 'wrong.yaml');
    fs.writeFileSync(file, [
      'version: 1',
      'listeners:',
      '  public: { bnid: "127.0.0.1:0", auth: [visitors] }',
      'auth: { visitors: { use: anonymos } }',
      'storage: { main: { use: memory } }',
      'channels: [ { match: "*" } ]',
      '',
    ].join('\n'));
    for (const command of ['run', 'check']) {
      const { code, output } = await run(command, '--config', file);
      assert.equal(code, 2, output);
      assert.match(output, /wrong\.yaml:3:13: error\[C104\]/);
      assert.match(output, /\^ did you mean 'bind'\?/);
      assert.match(output, /wrong\.yaml:4:26: error\[C301\]/);
      assert.match(output, /did you mean 'anonymous'\?/);
    }
  });

  test('a file that is not there is exit code 2', async () => {
    assert.equal((await run('run', '--config', '/nowhere/at/all.yaml')).code, 2);
  });

  test('a plugin that is not there is exit code 3, or 2 where the file names it', async (t) => {
    const file = writeConfiguration(temporaryFolder(t), {
      plugins: { load: ['./libnothing.so'] },
    });
    const { code, output } = await run('run', '--config', file);
    assert.ok([2, 3].includes(code), `${code}: ${output}`);
    assert.match(output, /libnothing\.so/);
  });

  test('a plugin file that is none is exit code 3', async (t) => {
    const folder = temporaryFolder(t);
    fs.writeFileSync(path.join(folder, 'libtext.so'), 'no library');
    const file = writeConfiguration(folder, { plugins: { load: ['./libtext.so'] } });
    const { code, output } = await run('run', '--config', file);
    assert.equal(code, 3, output);
    assert.match(output, /libtext\.so: error\[P307\]/);
  });

  test('wrong arguments are exit code 1, and help teaches', async () => {
    assert.equal((await run('rnu')).code, 1);
    const { code, output } = await run('--help');
    assert.equal(code, 0);
    for (const word of ['run', 'check', 'plugin', 'version', 'SIGTERM', 'Exit codes']) {
      assert.ok(output.includes(word), word);
    }
    assert.match((await run('version')).output, /^syncline \d+\.\d+\.\d+ \(plugin ABI \d+\.\d+, protocol 1\)/);
  });

  test('plugin list names every component, and inspect reads a file', async (t) => {
    const file = writeConfiguration(temporaryFolder(t));
    const { code, output } = await run('plugin', 'list', '--config', file);
    assert.equal(code, 0, output);
    for (const name of ['hello', 'op', 'anonymous', 'api_key', 'acl', 'memory', 'sqlite',
      'server_order', 'server_wins', 'three_way', 'client_wins', 'lww_hlc', 'json_patch', 'counter', 'set', 'list',
      'append_only', 'max', 'min', 'state_machine', 'delete_wins', 'edit_revives', 'local']) {
      assert.match(output, new RegExp(`\\b${name}\\b`));
    }
  });
});

describe('HTTP', () => {
  test('health, readiness, what runs, and the page', async (t) => {
    const server = await startServer(t);
    for (const target of ['/healthz', '/readyz']) {
      const answer = await server.fetch(target);
      assert.deepEqual([answer.status, await answer.json()], [200, { status: 'ok' }]);
    }
    const about = await (await server.fetch('/api/realtime')).json();
    assert.equal(about.status, 'ok');
    assert.equal(about.protocol, 1);
    assert.match(about.version, /^\d+\.\d+\.\d+/);
    assert.equal(about.shards, configuration('').server.shards);
    assert.match(about.pipelines.op.at(-1), /\bop$/);
    assert.ok(about.plugins.some(({ components }) => components.includes('hello')));
    const page = await server.fetch('/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
    const html = await page.text();
    for (const [, target] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      assert.equal((await server.fetch(target)).status, 200, target);
    }
  });

  test('what is not there, what is not allowed, what is no WebSocket', async (t) => {
    const server = await startServer(t);
    assert.equal((await server.fetch('/nothing')).status, 404);
    const post = await server.fetch('/healthz', { method: 'POST' });
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
    assert.equal((await server.fetch('/ws')).status, 426);
    const head = await server.fetch('/healthz', { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });

  test('one connection answers many requests, also pipelined ones', async (t) => {
    const server = await startServer(t);
    const raw = await Raw.connect(server.port);
    const request = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    for (let i = 0; i < 3; ++i) {
      raw.write(request);
      assert.equal((await raw.response()).status, 200);
    }
    raw.write(request.repeat(20));
    for (let i = 0; i < 20; ++i) assert.equal((await raw.response()).status, 200);
    raw.request('GET', '/healthz', { Connection: 'close' });
    assert.equal((await raw.response()).headers.get('connection'), 'close');
    await raw.end();
  });
});

describe('time limits', () => {
  const timeouts = {
    handshake: '300ms', session: '300ms', header: '300ms', body: '300ms', idle: '300ms',
  };

  test('a connection that says nothing, or half a header, or half a body, is closed', async (t) => {
    const server = await startServer(t, { config: { timeouts } });
    const beginnings = {
      nothing: '',
      'half a header': 'GET /healthz HTTP/1.1\r\nHost: x\r\n',
      'half a body': 'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345',
    };
    await Promise.all(Object.entries(beginnings).map(async ([what, bytes]) => {
      const raw = await Raw.connect(server.port);
      raw.write(bytes);
      const { status } = await raw.response();
      assert.ok([0, 408].includes(status), `${what}: ${status}`);
      await raw.end();
    }));
  });

  test('a header that drips is closed all the same', async (t) => {
    const server = await startServer(t, { config: { timeouts } });
    const raw = await Raw.connect(server.port);
    const letters = [...'GET / HTTP/1.1\r\nHost: x\r\nX: '];
    const drip = setInterval(() => raw.write(letters.shift() ?? 'x'), 20);
    t.after(() => clearInterval(drip));
    assert.ok([0, 408].includes((await raw.response()).status));
    await raw.end();
  });

  test('an idle connection is closed without a word', async (t) => {
    const server = await startServer(t, { config: { timeouts } });
    const raw = await Raw.connect(server.port);
    raw.request('GET', '/healthz');
    assert.equal((await raw.response()).status, 200);
    assert.equal((await raw.response()).status, 0);
    await raw.end();
  });

  test('a WebSocket without hello is closed with 4502', async (t) => {
    const server = await startServer(t, { config: { timeouts } });
    const connection = await Connection.open(server);
    assert.equal((await connection.end()).code, 4502);
  });

  test('one that answers no ping is closed with 4003, one that does stays', async (t) => {
    const server = await startServer(t, {
      config: { heartbeat: { interval: '1s', pong_timeout: '300ms' } },
    });
    const living = await Connection.hello(server);
    const raw = await Raw.connect(server.port);
    await raw.upgrade();
    raw.frame(1, JSON.stringify({ type: 'hello', protocol: 1, client: randomClient(), id: 1 }));
    assert.equal((await raw.nextMessage()).type, 'welcome');
    assert.equal(await raw.closeCode(), 4003);
    assert.equal((await living.request({ type: 'ping' })).type, 'pong');
  });
});

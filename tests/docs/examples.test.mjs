// SPDX-License-Identifier: Apache-2.0
// config/examples/observability.yaml tells what it says it tells.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';
import { Connection } from '../node/lib/connection.mjs';
import { startServer, temporaryFolder } from '../node/lib/server.mjs';
import { onFreePorts } from './shipped.mjs';

test('a session, its op and its end are in log, files, metrics and statistics', async (t) => {
  const folder = temporaryFolder(t);
  fs.cpSync(path.join(source, 'config'), path.join(folder, 'config'), { recursive: true });
  const configFile = path.join(folder, 'config/examples/observability.yaml');
  fs.writeFileSync(configFile, onFreePorts(fs.readFileSync(configFile, 'utf8')));
  const server = await startServer(t, { folder, configFile, listeners: ['public', 'admin'] });
  const admin = `http://127.0.0.1:${server.ports.get('admin')}`;

  const one = await Connection.hello(server);
  await one.request({ type: 'subscribe', channel: 'c' });
  await one.request({ type: 'op', channel: 'c', n: 1, key: 'k', kind: 'set', value: 'seen' });
  const stats = await (await fetch(`${admin}/api/stats`)).json();
  assert.ok(stats.connections.listed.some(({ session }) => session === one.welcome.session));
  assert.match(await (await fetch(`${admin}/metrics`)).text(),
    /^syncline_ops_total\{outcome="applied"\} 1$/m);
  const backup = await fetch(`${admin}/api/backup?storage=main`, { method: 'POST' });
  assert.equal(backup.status, 200);
  await one.close();
  assert.deepEqual(await server.stop(), { code: 0, signal: null });

  const logged = server.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  assert.ok(logged.some(({ message, session }) => /^connected/.test(message) && session === one.welcome.session));
  const lines = (name) => fs.readFileSync(path.join(folder, 'data', name), 'utf8').trim().split('\n')
    .map((line) => JSON.parse(line).message);
  assert.deepEqual(lines('sessions.jsonl').map(({ type }) => type),
    ['event.connected', 'event.subscribed', 'event.disconnected']);
  assert.deepEqual(lines('changes.jsonl').map(({ value }) => value), ['seen']);
  const [op] = lines('ops.jsonl');
  assert.equal(op.value, 'seen');
  assert.ok(!fs.readFileSync(path.join(folder, 'data/ops.jsonl'), 'utf8').includes(one.client));
});

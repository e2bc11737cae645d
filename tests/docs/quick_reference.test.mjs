// SPDX-License-Identifier: Apache-2.0
// docs/quick-reference.md: each of its lists is what the server has, no more and no less.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { plugins, source } from '../node/lib/build.mjs';
import { Connection } from '../node/lib/connection.mjs';
import { run, startServer, temporaryFolder } from '../node/lib/server.mjs';
import { stepsOf } from './conversation.mjs';
import { fencedBlocks, tableRows } from './markdown.mjs';
import { onFreePorts } from './shipped.mjs';

const DOCUMENT = 'docs/quick-reference.md';
const rows = tableRows(DOCUMENT);
const read = (file) => fs.readFileSync(path.join(source, file), 'utf8');
const ticked = (text) => [...text.matchAll(/`([^`]+)`/g)].map(([, one]) => one);
const block = (language) => fencedBlocks(DOCUMENT).find(({ info }) => info === language);
const same = (told, there, what) => assert.deepEqual([...new Set(told)].toSorted(), [...new Set(there)].toSorted(), what);

test('the commands', async () => {
  const below = async (...words) => {
    const { output } = await run(...words, '--help');
    const [, list = ''] = output.split('Subcommands:\n');
    return [...list.split('\n\n')[0].matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
  };
  const there = [];
  for (const name of await below()) {
    const deeper = await below(name);
    there.push(...(deeper.length ? deeper.map((one) => `${name} ${one}`) : [name]));
  }
  const told = rows.map(([cell]) => /^`syncline ([a-z ]+?)(?: -| [A-Z]|`)/.exec(cell)?.[1]).filter(Boolean);
  same(told, there);
});

test('the configuration has every section, checks and starts', async (t) => {
  const text = block('yaml').lines.join('\n');
  const sections = [...read('docs/configuration.md').matchAll(/^### `(\w+)/gm)].map(([, name]) => name);
  same([...text.matchAll(/^(\w+):/gm)].map(([, name]) => name), [...sections, 'version']);
  const folder = path.join(temporaryFolder(t), 'config');
  fs.mkdirSync(folder);
  const configFile = path.join(folder, 'syncline.yaml');
  fs.writeFileSync(configFile, onFreePorts(text));
  const { code, output } = await run('check', '--config', configFile);
  assert.equal(code, 0, output);
  const server = await startServer(t, { folder, configFile });
  const one = await Connection.hello(server);
  assert.equal((await one.request({ type: 'get', channel: 'doc:1' })).type, 'snapshot');
});

test('the components', async () => {
  const { output } = await run('plugin', 'list', '--config', path.join(source, 'config/examples/minimal.yaml'));
  const there = { message_handler: [], auth_provider: [], storage_backend: [], conflict_strategy: [], broker: [] };
  for (const [, kind, name] of output.matchAll(/^(\w+) +(\w+) +dev\.syncline/gm)) there[kind].push(name);
  const told = Object.fromEntries(rows.map(([kind, names]) => [kind, ticked(names ?? '')]));
  same([...told['message types'], ...told.stages], there.message_handler);
  same(told.stages, fs.readdirSync(path.join(source, 'plugins/stages')));
  same(told.auth, there.auth_provider);
  same(told.storage, there.storage_backend);
  same(told.conflict, there.conflict_strategy);
  same(told.broker, there.broker);
  same(told['events with pipelines'], tableRows('docs/operations.md')
    .flatMap(([cell]) => ticked(cell)).filter((name) => name.startsWith('event.')));
  assert.ok(fs.existsSync(plugins));
});

test('the messages, and what is answered', async () => {
  const { output } = await run('plugin', 'list', '--config', path.join(source, 'config/examples/minimal.yaml'));
  const stages = fs.readdirSync(path.join(source, 'plugins/stages'));
  const types = [...output.matchAll(/^message_handler +(\w+)/gm)].map(([, name]) => name)
    .filter((name) => !stages.includes(name));
  const from = rows.findIndex(([cell]) => cell === 'client sends') + 2;
  const table = rows.slice(from, from + types.length);
  same(table.map(([cell]) => ticked(cell)[0]), types);
  // What the examples of the protocol show, which happen.
  const shown = fencedBlocks('docs/protocol.md').filter(({ info }) => info === 'session')
    .flatMap((one) => stepsOf('docs/protocol.md', one))
    .filter(({ sends, message }) => sends === false && message).map(({ message }) => message.type);
  same([...table.flatMap(([, answer]) => ticked(answer)), 'update'], shown);
  const kinds = ticked(/^Kinds of ops: ([^]*?)\. /m.exec(read(DOCUMENT))[1]);
  const known = [...read('docs/protocol.md').matchAll(/^\| (`[^|]+`) \|[^|]*\| [a-zA-Z0-9 ]+/gm)];
  assert.ok(known.length > 5);
  for (const kind of kinds) {
    assert.ok(known.some(([, names]) => ticked(names).includes(kind)), `${kind} is no kind of op`);
  }
});

test('the codes', () => {
  const cells = rows.map(([, cell]) => cell ?? '').filter((cell) => /^`[14]\d{3}`/.test(cell));
  const told = cells.flatMap((cell) => cell.split(' · ')).map((one) => one.replaceAll('`', ''));
  const there = tableRows('docs/protocol.md').filter(([code]) => /^[14]\d{3}$/.test(code))
    .map(([code, name]) => `${code} ${name}`);
  same(told, there);
});

test('the routes', () => {
  const told = rows.flatMap(([cell]) => ticked(cell))
    .map((one) => /^(GET|POST) (\/\S*)$/.exec(one)).filter(Boolean).map(([, method, route]) => `${method} ${route}`);
  const there = [];
  let route = '';
  for (const line of read('docs/openapi.yaml').split('\n')) {
    route = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? route;
    const method = /^ {4}(get|post):$/.exec(line)?.[1];
    if (route && method) there.push(`${method.toUpperCase()} ${route}`);
  }
  assert.ok(there.length >= 10);
  same(told, [...there, 'GET /ws', 'GET /', 'GET /metrics', 'GET /api/stats', 'POST /api/backup']);
});

test('the plugin compiles as it stands', async (t) => {
  const file = path.join(temporaryFolder(t), 'echo.cpp');
  fs.writeFileSync(file, `${block('cpp').lines.join('\n')}\n`);
  await promisify(execFile)('c++', ['-std=c++17', '-fsyntax-only', '-Wall', '-Wextra', '-Werror',
    `-I${path.join(source, 'plugin-api/include')}`, file]);
});

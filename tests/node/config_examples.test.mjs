// SPDX-License-Identifier: Apache-2.0
// Every configuration that is shipped checks and starts.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { build, source } from './lib/build.mjs';
import { Connection } from './lib/connection.mjs';
import { run, startServer, temporaryFolder } from './lib/server.mjs';

// Where the build puts the handler that an example loads.
process.env.SYNCLINE_EXAMPLES ??= path.join(build, 'examples');

const folder = path.join(source, 'config');
const files = [folder, path.join(folder, 'examples')].flatMap((from) => fs.readdirSync(from)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => path.join(from, name)))
  .filter((file) => /^version:/m.test(fs.readFileSync(file, 'utf8')));

/** The names and hosts of the listeners in a YAML text, by their `bind`. */
function listenersOf(text) {
  return [...text.matchAll(/^ {2}(\w+): *(?:\{.*?|\n(?: {4}.*\n)*? {4})bind: *"?([^",\s}]+)/gm)]
    .map(([, name, bind]) => ({ name, bind }));
}

test('there is the complete one, and examples', () => {
  assert.ok(files.length >= 3, files.join());
  assert.ok(files.includes(path.join(folder, 'syncline.yaml')));
});

test('each example has its line in the README of its folder', () => {
  const readme = fs.readFileSync(path.join(folder, 'examples/README.md'), 'utf8');
  const told = [...readme.matchAll(/^\| \[`([\w.-]+)`\]\(\1\) \| \S/gm)].map(([, name]) => name);
  const there = files.map((file) => path.relative(path.join(folder, 'examples'), file))
    .filter((name) => !name.startsWith('..'));
  assert.deepEqual(told.toSorted(), there.toSorted());
});

for (const file of files) {
  const name = path.relative(source, file);

  test(`${name} says what it is for, and of most of its lines why`, () => {
    const text = fs.readFileSync(file, 'utf8');
    assert.match(text, /^# yaml-language-server: \$schema=\S+\n#\n# [A-Z]/);
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const comments = lines.filter((line) => /(^| )# /.test(line)).length;
    assert.ok(comments / lines.length > 0.15, `${comments} comments in ${lines.length} lines`);
  });

  test(`${name} checks`, async () => {
    const { code, output } = await run('check', '--config', file);
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /error\[|warning\[/);
  });

  test(`${name} starts`, async (t) => {
    // The same file in a folder of its own, on free ports, so that it may run beside others.
    const copy = path.join(temporaryFolder(t), 'config');
    fs.cpSync(folder, copy, { recursive: true, filter: (from) => !/\/data(\/|$)/.test(from) });
    const there = path.join(copy, path.relative(folder, file));
    const text = fs.readFileSync(there, 'utf8');
    const listeners = listenersOf(text);
    assert.ok(listeners.length > 0, 'no listener was found in the file');
    fs.writeFileSync(there, text.replaceAll(/(bind: *"?[^",\s}]*):\d+/g, '$1:0'));
    const server = await startServer(t, {
      folder: copy, configFile: there, listeners: listeners.map((listener) => listener.name),
    });
    server.ports.set('public', server.ports.get(listeners[0].name));
    assert.equal((await server.fetch('/healthz')).status, 200);
    const connection = await Connection.open(server);
    const answer = await connection.request(
      { type: 'hello', protocol: 1, client: 'c'.repeat(32) });
    // One that lets in holders of a key only says so; every other opens a session.
    if (answer.type !== 'welcome') assert.equal(Math.floor(answer.code / 100), 13, server.output);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  });
}

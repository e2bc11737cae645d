// SPDX-License-Identifier: Apache-2.0
// docs/plugin-guide.md, typed as it stands there: its commands, its server, its console.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { build, source } from '../node/lib/build.mjs';
import { startServer, temporaryFolder } from '../node/lib/server.mjs';
import { fencedBlocks } from './markdown.mjs';
import { onFreePorts } from './shipped.mjs';
import { typeIntoConsole } from './typing.mjs';

const DOCUMENT = 'docs/plugin-guide.md';

test('from nothing to a loaded handler', async (t) => {
  const blocks = fencedBlocks(DOCUMENT);
  const work = temporaryFolder(t);
  const commands = blocks.filter(({ info }) => info === 'bash').flatMap(({ lines }) => lines);
  assert.ok(commands.length >= 20, `${commands.length} lines of commands`);
  const typed = `set -euo pipefail\n${commands.join('\n')}\n`;
  await promisify(execFile)('bash', ['-c', typed], {
    cwd: source, env: { ...process.env, SYNCLINE: source, BUILD: build, WORK: work },
  });

  const folder = path.join(work, 'shout');
  const configFile = path.join(folder, 'syncline.yaml');
  fs.writeFileSync(configFile, onFreePorts(fs.readFileSync(configFile, 'utf8')));
  const server = await startServer(t, { folder, configFile });
  const { lines } = blocks.find(({ info }) => info === 'js');
  const expected = lines.findLast((line) => line.startsWith('// ')).slice(3);
  const logged = await typeIntoConsole(t, lines.join('\n').replaceAll(':8080', `:${server.port}`), 2);
  assert.equal(JSON.parse(logged[0]).type, 'welcome');
  assert.deepEqual(JSON.parse(logged[1]), JSON.parse(expected));
});

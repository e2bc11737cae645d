// SPDX-License-Identifier: Apache-2.0
// The first session of the README, typed as it stands there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { fencedBlocks } from './markdown.mjs';
import { expectLines } from './patterns.mjs';
import { startShipped } from './shipped.mjs';
import { typeIntoConsole } from './typing.mjs';

test('README.md: the server answers the first session as it is shown', async (t) => {
  const blocks = fencedBlocks('README.md');
  const at = blocks.findIndex(({ info }) => info === 'js');
  const server = await startShipped(t);
  const typed = blocks[at].lines.join('\n').replace(':8080', `:${server.port}`);
  const shown = blocks[at + 1].lines;
  const lines = await typeIntoConsole(t, typed, shown.length);
  // Of the ack and the update either may be first.
  expectLines(shown, lines);
  // And what it says of the same channel over HTTP.
  const command = blocks.slice(at).find(({ info, lines: [first] }) => info === 'sh' && first.startsWith('curl'));
  const { status, stdout } = spawnSync('sh', ['-c', command.lines.join('\n').replace(':8080', `:${server.port}`)],
    { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout).records, [{ key: 'note', version: 1, value: { text: 'hello' } }]);
  assert.match(server.output, new RegExp(`configured by .*${path.join('config', 'syncline.yaml')}`));
});

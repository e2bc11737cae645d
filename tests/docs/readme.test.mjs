// SPDX-License-Identifier: Apache-2.0
// The first session of the README, typed as it stands there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { startShipped } from './shipped.mjs';
import { fencedBlocks } from './markdown.mjs';
import { typeIntoConsole } from './typing.mjs';

/** A line with `…` for anything, as a pattern. */
const patternOf = (line) => new RegExp(
  `^${line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);

test('README.md: the server answers the first session as it is shown', async (t) => {
  const blocks = fencedBlocks('README.md');
  const at = blocks.findIndex(({ info }) => info === 'js');
  const server = await startShipped(t);
  const typed = blocks[at].lines.join('\n').replace(':8080', `:${server.port}`);
  const shown = blocks[at + 1].lines;
  const lines = await typeIntoConsole(t, typed, shown.length);
  // Of the ack and the update either may be first.
  for (const line of shown) {
    const found = lines.findIndex((other) => patternOf(line).test(other));
    assert.notEqual(found, -1, `${line}\nis not among\n${lines.join('\n')}`);
    lines.splice(found, 1);
  }
  // And what it says of the same channel over HTTP.
  const command = blocks.slice(at).find(({ info, lines: [first] }) => info === 'sh' && first.startsWith('curl'));
  const { status, stdout } = spawnSync('sh', ['-c', command.lines.join('\n').replace(':8080', `:${server.port}`)],
    { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout).records, [{ key: 'note', version: 1, value: { text: 'hello' } }]);
  assert.match(server.output, new RegExp(`configured by .*${path.join('config', 'syncline.yaml')}`));
});

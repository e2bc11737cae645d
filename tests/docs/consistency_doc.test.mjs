// SPDX-License-Identifier: Apache-2.0
// docs/consistency.md: what each promise rests on is there, so is the test that shows it, and the command that runs it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { build, source } from '../node/lib/build.mjs';
import { fencedBlocks, tableRows, textBelow } from './markdown.mjs';
import { testRows } from './shown.mjs';

const DOCUMENT = 'docs/consistency.md';
const PROMISES = ['Order', 'Acked means durable', 'Exactly once', 'Convergence', 'Nothing silent'];

testRows(DOCUMENT, { rowsMin: 25 });

/** Which test of CTest runs that file. */
function runnerOf(file) {
  const [, unit] = /^tests\/unit\/(\w+)\//.exec(file) ?? [];
  const [, node] = /^tests\/node\/(\w+)\.test\.mjs$/.exec(file) ?? [];
  if (unit) return `unit_${unit}`;
  if (node) return `integration_node_${node}`;
  assert.match(file, /^plugin-api\/testing\/suites\/storage_\w+\.cpp$/);
  return 'contract_sqlite';
}

/** The names of the tests that a command of CTest runs. */
const runBy = (pattern) => execFileSync('ctest', ['--test-dir', build, '-N', '-R', pattern], { encoding: 'utf8' })
  .split('\n').map((line) => /Test +#\d+: (\S+)/.exec(line)?.[1]).filter(Boolean);

for (const promise of PROMISES) {
  test(`the command below '${promise}' runs what shows it, and nothing else`, () => {
    const commands = fencedBlocks(DOCUMENT).filter(({ heading }) => heading === promise).flatMap(({ lines }) => lines);
    assert.equal(commands.length, 1);
    const [, pattern] = /^ctest --test-dir build\/dev -R '(.+)'$/.exec(commands[0]);
    const shown = tableRows(DOCUMENT, `### ${promise}`)
      .flatMap(([, , cell]) => [...cell.matchAll(/`((?:tests|plugin-api)\/[^`]+)` "/g)])
      .map(([, file]) => runnerOf(file));
    assert.deepEqual(runBy(pattern).sort(), [...new Set(shown)].sort());
  });
}

test('the results name every bug that is planted, and count the published vectors', () => {
  const planted = fs.readdirSync(path.join(source, 'tests/simulation/bugs'))
    .filter((name) => name.endsWith('.patch')).map((name) => name.replace('.patch', ''));
  const rows = tableRows(DOCUMENT, '## Results');
  const listed = rows.map(([name]) => /^`(\w+)`$/.exec(name)?.[1]).filter(Boolean);
  assert.deepEqual(listed.sort(), planted.sort());
  const told = (words) => rows.find(([what]) => what.includes(words))[1];
  assert.ok(textBelow(DOCUMENT, '## Results').includes(`known by ${planted.length} bugs`), `${planted.length} bugs`);
  const counts = ['tests.json', 'spec_tests.json'].map((name) => JSON.parse(fs.readFileSync(
    path.join(source, 'tests/node/node_modules/json-patch-test-suite', name), 'utf8')).length);
  assert.match(told('JSON Patch'), new RegExp(`^${counts.join(' \\+ ')} vectors`));
});

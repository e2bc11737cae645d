// SPDX-License-Identifier: Apache-2.0
// docs/security.md: what it says is checked is checked in a file that is there, and shown by a test that is there.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';
import { tableRows } from './markdown.mjs';

const rows = tableRows('docs/security.md').filter((cells) => /`(host|plugins)\//.test(cells[1]));

test('there is a row for each thing that is checked', () => {
  assert.ok(rows.length >= 25, `${rows.length} rows`);
});

for (const [what, where, shown] of rows) {
  test(what, () => {
    for (const [, file] of where.matchAll(/`([^`]+)`/g)) {
      assert.ok(fs.existsSync(path.join(source, file)), `there is no ${file}`);
    }
    const tests = [...shown.matchAll(/`(tests\/[^`]+)` "([^"]+)"/g)];
    assert.ok(tests.length > 0, 'shown by nothing');
    for (const [, file, words] of tests) {
      const text = fs.readFileSync(path.join(source, file), 'utf8').replaceAll("\\'", "'");
      assert.ok(text.includes(words.replaceAll("\\'", "'")), `${file} has no "${words}"`);
    }
  });
}

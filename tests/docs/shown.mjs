// SPDX-License-Identifier: Apache-2.0
// Tables whose rows say what holds, in which file, and which test shows it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';
import { tableRows } from './markdown.mjs';

/** A test per row of such a table of `document`: files and tests that it names are there. */
export function testRows(document, { rowsMin }) {
  const rows = tableRows(document).filter((cells) => /`(host|plugins|plugin-api)\//.test(cells[1]));
  test('there is a row for each thing that is said to hold', () => {
    assert.ok(rows.length >= rowsMin, `${rows.length} rows`);
  });
  for (const [what, where, shown] of rows) {
    test(what, () => {
      for (const [, file] of where.matchAll(/`([^`]+)`/g)) {
        assert.ok(fs.existsSync(path.join(source, file)), `there is no ${file}`);
      }
      const tests = [...shown.matchAll(/`((?:tests|plugin-api\/testing)\/[^`]+)` "([^"]+)"/g)];
      assert.ok(tests.length > 0, 'shown by nothing');
      for (const [, file, words] of tests) {
        const text = fs.readFileSync(path.join(source, file), 'utf8').replaceAll("\\'", "'");
        assert.ok(text.includes(words.replaceAll("\\'", "'")), `${file} has no "${words}"`);
      }
    });
  }
}

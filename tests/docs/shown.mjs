// SPDX-License-Identifier: Apache-2.0
// Tables whose rows say what holds, in which file, and which test shows it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';
import { tableRows } from './markdown.mjs';

/** The tests of a cell, as [file or folder, name]: `file` "name", "another of it". */
function testsIn(shown) {
  return [...shown.matchAll(/`((?:tests|plugin-api\/testing)\/[^`]+)`([^`]*)/g)]
    .flatMap(([, where, names]) => [...names.replaceAll("\\'", "'").matchAll(/"([^"]+)"/g)]
      .map(([, name]) => [where, name]));
}

/** All that is written there: of a folder, its tests. */
function textOf(where) {
  const at = path.join(source, where);
  if (!fs.statSync(at).isDirectory()) return fs.readFileSync(at, 'utf8');
  return fs.readdirSync(at).filter((name) => name.endsWith('_test.cpp'))
    .map((name) => fs.readFileSync(path.join(at, name), 'utf8')).join('\n');
}

/** Whether there is a test, or a row of a table of cases, of that name. */
function hasTest(where, name) {
  const text = textOf(where).replaceAll("\\'", "'");
  if (/\.\w+$/.test(where) && !where.endsWith('_test.cpp')) return text.includes(name);
  return new RegExp(`\\bTEST(?:_[FP])?\\(\\w+,\\s*\\w*${name}\\)|"${name}"`).test(text);
}

/** A test per row of such a table of `document`: files and tests that it names are there. */
export function testRows(document, { rowsMin }) {
  const rows = tableRows(document).filter((cells) => /`(host|plugins|plugin-api|tests\/simulation)\//.test(cells[1]));
  test('there is a row for each thing that is said to hold', () => {
    assert.ok(rows.length >= rowsMin, `${rows.length} rows`);
  });
  for (const [what, where, shown] of rows) {
    test(what, () => {
      for (const [, file] of where.matchAll(/`([^`]+)`/g)) {
        assert.ok(fs.existsSync(path.join(source, file)), `there is no ${file}`);
      }
      const tests = testsIn(shown);
      assert.ok(tests.length > 0, 'shown by nothing');
      for (const [file, name] of tests) assert.ok(hasTest(file, name), `${file} has no "${name}"`);
    });
  }
}

// SPDX-License-Identifier: Apache-2.0
// The table at the end of docs/protocol.md: it has all that the sources know, each of its tests is
// there and is about what its row says, and it counts right.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';
import { tableRows, textBelow } from './markdown.mjs';
import { clientMessages, closeCodes, errorCodes, serverMessages } from './sources.mjs';

const DOCUMENT = 'docs/protocol.md';
const HEADING = '## Everything, and the test that makes it happen';

const rows = tableRows(DOCUMENT, HEADING)
  .map(([what, of, file, name]) => ({ what: /^`(\w+)`$/.exec(what)?.[1], of, file: /\((.*)\)$/.exec(file)?.[1], name }))
  .filter(({ what }) => what);
const listed = (of) => rows.filter((row) => row.of === of).map(({ what }) => what);
const sorted = (all) => [...all].map(String).sort();

const kinds = {
  client: clientMessages, server: serverMessages, error: () => errorCodes().values(), close: () => closeCodes().given,
};
for (const [of, known] of Object.entries(kinds)) {
  test(`each of these has one row: ${of}`, () => {
    assert.deepEqual(listed(of).sort(), sorted(known()));
  });
}

test('nothing else has a row', () => {
  assert.deepEqual(rows.filter(({ of }) => !(of in kinds)), []);
});

test('it says how many there are', () => {
  const [client, server, error, close] = Object.keys(kinds).map((of) => listed(of).length);
  const text = textBelow(DOCUMENT, HEADING).replaceAll(/\s+/g, ' ');
  const counts = `${client + server} messages (${client} of clients, ${server} of the server), ${error} errors and `
    + `${close} close codes`;
  assert.ok(text.includes(counts), `it does not say '${counts}'`);
});

test('the codes that are not given are named as such, and none of them has a row', () => {
  const text = textBelow(DOCUMENT, '## Close codes').replaceAll('\n', ' ');
  const sentence = /Not given by this version: ([\d, ]+)\./.exec(text);
  const reserved = sentence[1].split(', ');
  for (const code of closeCodes().reserved) assert.ok(reserved.includes(String(code)), `${code} is not named`);
  for (const { what } of rows) assert.ok(!reserved.includes(what), `${what} has a row`);
});

/** The tests of a file: { pattern, body }. What a name has in `${}` is something that stands in the file. */
function testsOf(text) {
  const found = [...text.matchAll(/^ *test\((['`])(.*?)(?<!\\)\1,/gm)];
  return found.map(({ 2: name, index }, i) => {
    const literal = name.replaceAll(/\\(.)/g, '$1').split(/\$\{[^}]*\}/);
    return {
      pattern: new RegExp(`^${literal.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)')}$`),
      body: text.slice(index, found[i + 1]?.index),
    };
  });
}

for (const { what, of, file, name } of rows) {
  test(`${of} ${what}: its test is there and is about it`, () => {
    const place = path.resolve(source, path.dirname(DOCUMENT), file);
    const text = fs.readFileSync(place, 'utf8');
    const there = testsOf(text)
      .map((each) => ({ ...each, filled: each.pattern.exec(name)?.slice(1) }))
      .filter(({ filled }) => filled?.every((part) => text.includes(part)));
    assert.equal(there.length, 1, `${file} has ${there.length} tests '${name}'`);
    // Of a table of cases, the case is what the name was made of.
    const about = there[0].filled.length > 0 ? text : there[0].body;
    const said = /^\d+$/.test(what) ? new RegExp(`\\b${what}\\b`) : new RegExp(`'${what}'`);
    assert.match(about, said);
  });
}

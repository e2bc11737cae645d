// SPDX-License-Identifier: Apache-2.0
// docs/protocol.md: its examples happen, its tables are complete.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';
import { startServer, temporaryFolder } from '../node/lib/server.mjs';
import { within } from '../node/lib/within.mjs';
import { Conversation, stepsOf } from './conversation.mjs';
import { fencedBlocks, tableRows } from './markdown.mjs';
import { exchangesOf, replayRequests } from './requests.mjs';
import { onFreePorts } from './shipped.mjs';
import { closeCodes, errorCodes, filesBelow } from './sources.mjs';

const DOCUMENT = 'docs/protocol.md';

/** The configuration that the document shows, on a free port. */
function shownConfiguration(folder) {
  const { lines } = fencedBlocks(DOCUMENT).find(({ info }) => info === 'yaml');
  const file = path.join(folder, 'syncline.yaml');
  fs.writeFileSync(file, onFreePorts(lines.join('\n')));
  return file;
}

test('every example happens as it is shown', async (t) => {
  const folder = temporaryFolder(t);
  const server = await startServer(t, { folder, configFile: shownConfiguration(folder) });
  const conversation = new Conversation(server);
  const blocks = fencedBlocks(DOCUMENT).filter(({ info }) => ['session', 'http'].includes(info));
  assert.ok(blocks.length >= 15, `${blocks.length} examples`);
  for (const block of blocks) {
    if (block.info === 'session') await conversation.replay(stepsOf(DOCUMENT, block));
    else await replayRequests(server, exchangesOf(DOCUMENT, block), conversation.known);
  }
  conversation.end();
});

test('a drain happens as it is shown', async (t) => {
  const folder = temporaryFolder(t);
  const server = await startServer(t, { folder, configFile: shownConfiguration(folder) });
  const conversation = new Conversation(server);
  const blocks = fencedBlocks(DOCUMENT).filter(({ info }) => info === 'drain');
  assert.equal(blocks.length, 1);
  await conversation.replay(stepsOf(DOCUMENT, blocks[0]));
  assert.deepEqual(await within(server.exit, 'the end'), { code: 0, signal: null });
});

test('the table of errors has every code that the server gives, and says of each what it does', () => {
  const codes = errorCodes();
  const body = fs.readFileSync(path.join(source, 'host/core/error.cpp'), 'utf8');
  const retryable = new Set([...body.matchAll(/case Code::(\w+):/g)].map(([, name]) => codes.get(name)));

  const given = new Set();
  for (const file of filesBelow('host', '.cpp')) {
    // These two say something of every code, and give none of their own.
    if (/host\/(core\/error|gateway\/api_error)\.cpp$/.test(file)) continue;
    const text = fs.readFileSync(file, 'utf8');
    for (const [, name] of text.matchAll(/\bCode::(\w+)/g)) {
      if (codes.has(name)) given.add(codes.get(name));
    }
  }
  for (const file of filesBelow('plugins', '.cpp')) {
    const text = fs.readFileSync(file, 'utf8').replaceAll(/\/\/.*$/gm, '');
    for (const [, number] of text.matchAll(/\b(1[0-5]\d\d)\b/g)) {
      if ([...codes.values()].includes(Number(number))) given.add(Number(number));
    }
  }

  const rows = tableRows(DOCUMENT, '## Errors').filter(([code]) => /^\d{4}$/.test(code));
  const described = rows.map(([code]) => Number(code));
  assert.equal(new Set(described).size, described.length, 'a row each');
  assert.deepEqual(described.toSorted(), [...given].toSorted(), 'what the code gives has a row');
  for (const [code, , retry] of rows) {
    assert.equal(retry.startsWith('yes'), retryable.has(Number(code)), `retry of ${code}`);
  }
});

test('the table of close codes has every code that the server gives', () => {
  const described = tableRows(DOCUMENT, '## Close codes').map(([code]) => code).filter((code) => /^\d{4}$/.test(code));
  assert.deepEqual(described, closeCodes().given.map(String));
});

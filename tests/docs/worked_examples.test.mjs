// SPDX-License-Identifier: Apache-2.0
// The worked example in the README of each conflict strategy: its ops are sent in their order to a server with its
// configuration, and each comes to what its row says.
//
// A row is `WHO[, base N][, hlc [MS,C]]: an op in short`, what it comes to, and what is there then: the record, or what
// the head of that column names of it. An op in short is its kind and arguments: `merge {"a":1}`, `increment /n 2`,
// `insert /rows ID {…}`, `move /rows ID BEHIND`.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';
import { Connection } from '../node/lib/connection.mjs';
import { configuration, startServer, temporaryFolder } from '../node/lib/server.mjs';
import { fencedBlocks, tableRows, textBelow } from './markdown.mjs';

const HEADING = '## A worked example';
const strategies = fs.readdirSync(path.join(source, 'plugins/conflict'))
  .filter((name) => fs.existsSync(path.join(source, 'plugins/conflict', name, 'schema.json')));
// That one goes on over several messages: docs/protocol.md has its conversation.
const ELSEWHERE = ['manual'];

const code = (text) => /`([^`]+)`/.exec(text)?.[1];

/** The members of a message for an op in short. */
function members(short) {
  const [, kind, rest = ''] = /^(\w+) ?(.*)$/s.exec(short);
  if (kind === 'delete') return { kind };
  if (kind === 'set' || kind === 'merge') return { kind, value: JSON.parse(rest) };
  if (kind === 'patch') return { kind, patch: JSON.parse(rest) };
  const [, at, last] = /^(\S+) (.*)$/s.exec(rest);
  if (kind === 'increment') return { kind, path: at, by: Number(last) };
  if (kind === 'add' || kind === 'remove') return { kind, path: at, value: JSON.parse(last) };
  const [, element, more] = /^(\S+) ?(.*)$/s.exec(last);
  if (kind === 'insert') return { kind, path: at, element, value: JSON.parse(more) };
  if (kind === 'move') return { kind, path: at, element, behind: more === 'null' ? null : more };
  assert.equal(kind, 'erase', `${short}: no op`);
  return { kind, path: at, element };
}

/** A row as { who, op, told, then }. */
function rowOf([op, told, then]) {
  const [, who, base, hlc, short] = /^(\w+)(?:, base (\d+))?(?:, `hlc` (\[[\d,]+\]))?: `([^`]+)`/.exec(op) ?? [];
  assert.ok(short, `'${op}' is no op`);
  const seenAt = { ...(base && { base: Number(base) }), ...(hlc && { hlc: JSON.parse(hlc) }) };
  return { who, told, then, op: { ...members(short), ...seenAt } };
}

/** What an answer comes to, as a row begins. */
const cameTo = (answer) => (answer.type === 'error' ? `error ${answer.code}`
  : answer.type === 'conflict' ? 'conflict' : answer.outcome);

/** What the head of the last column names of the record. */
function seen(head, at, record) {
  if (record === undefined) return '';
  const value = at === undefined || head === 'the record then' ? record
    : at.slice(1).split('/').reduce((within, name) => within?.[name], record);
  if (value === undefined) return '';
  if (head === 'the list then') return value.map(({ id }) => id).join(' ');
  return value;
}

function assertSeen(then, now, before, row) {
  if (then === 'unchanged') return assert.deepEqual(now, before, row);
  const written = code(then) ?? '';
  if (typeof now === 'string') return assert.equal(now, written, row);
  return assert.deepEqual(now, JSON.parse(written), row);
}

for (const name of strategies.filter((one) => !ELSEWHERE.includes(one))) {
  const document = path.join('plugins/conflict', name, 'README.md');

  test(`${name}: the worked example happens`, async (t) => {
    const yaml = fencedBlocks(document).find(({ info }) => info === 'yaml').lines.join('\n');
    const channel = /channel: "([^"]+)"/.exec(yaml)[1].replace('*', '1');
    const at = /path: (\/[^\s,]+)/.exec(yaml)?.[1];
    const folder = temporaryFolder(t);
    const { conflict, ...others } = configuration(folder);
    const configFile = path.join(folder, 'syncline.yaml');
    fs.writeFileSync(configFile, Object.entries(others)
      .map(([section, value]) => `${section}: ${JSON.stringify(value)}\n`).join('')
      + `${yaml}\n  - { use: server_order }\n`);
    const server = await startServer(t, { folder, configFile });

    const authors = new Map();
    const send = async (who, op) => {
      if (!authors.has(who)) authors.set(who, { connection: await Connection.hello(server), n: 0 });
      const author = authors.get(who);
      return author.connection.request({ type: 'op', channel, key: 'k', n: (author.n += 1), ...op });
    };
    const record = async () => {
      const { records } = await authors.get('Ann').connection.request({ type: 'get', channel });
      return records[0]?.value;
    };
    const start = /version 1,\s`([^`]+)`/.exec(textBelow(document, HEADING).split(/^\|/m)[0]);
    if (start) assert.equal((await send('Somebody', members(`set ${start[1]}`))).outcome, 'applied');
    await send('Ann', { kind: 'void' });

    const [[, , head], , ...rows] = tableRows(document, HEADING);
    assert.ok(rows.length >= 4, `${rows.length} rows`);
    let before;
    for (const row of rows) {
      const { who, op, told, then } = rowOf(row);
      const answer = await send(who, op);
      const happened = `${row[0]}: ${JSON.stringify(answer)}`;
      assert.equal(told.split(/[,:]/)[0], cameTo(answer), happened);
      const version = /^\w+, version (\d+)/.exec(told)?.[1];
      if (version) assert.equal(answer.version, Number(version), happened);
      const paths = /`paths` is `([^`]+)`/.exec(told)?.[1];
      if (paths) assert.deepEqual(answer.paths ?? answer.detail.paths, JSON.parse(paths), happened);
      const now = seen(head, at, await record());
      assertSeen(then, now, before, happened);
      before = now;
    }
  });
}

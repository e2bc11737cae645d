// SPDX-License-Identifier: Apache-2.0
// Every plugin has a README, whose options are those of its schema, each with its default, and which names the
// errors that its code gives.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';

const KINDS = ['messages', 'stages', 'auth', 'storage', 'conflict', 'broker'];
const folders = KINDS.flatMap((kind) => fs.readdirSync(path.join(source, 'plugins', kind))
  .map((name) => path.join('plugins', kind, name)));
const read = (...parts) => fs.readFileSync(path.join(source, ...parts), 'utf8');
const plugins = folders.filter((folder) => fs.existsSync(path.join(source, folder, 'schema.json')));

/** `#/definitions/x` as what it stands for. */
const resolved = (schema, root) => (schema.$ref
  ? { ...root.definitions[schema.$ref.split('/').at(-1)], ...schema } : schema);

/** The options of a schema: name -> default as a README writes it. Those of an object are named with a dot. */
function optionsOf(schema) {
  const options = new Map();
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const option = resolved(part, schema);
    const inner = option.type === 'object' && option.properties;
    for (const [key, value] of inner ? Object.entries(inner) : []) {
      options.set(`${name}.${key}`, written(value.default));
    }
    if (!inner) options.set(name, written(option.default));
  }
  return options;
}

const written = (value) => (value === undefined || value === '' ? ''
  : Array.isArray(value) ? `[${value.join(', ')}]`
    : typeof value === 'object' ? '{}' : String(value));

/** Names that a schema gives within lists of objects: `id` of `keys`. */
function innerNames(schema) {
  return Object.values(schema.definitions ?? {}).flatMap((one) => Object.keys(one.properties ?? {}));
}

/** The rows of the table under "Configuration": [names, default]. */
function rowsOf(readme) {
  const [, section = ''] = readme.split(/^## Configuration$/m);
  return section.split(/^## /m)[0].split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) => line.slice(1, -1).split('|').map((cell) => cell.trim()))
    .map(([names, fallback]) => [
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name), fallback.replaceAll('`', '')]);
}

/** Words for a default that is none. */
const NONE = /^(|see below|no limit|none|\(required\))$/;

test('there is a README in every folder of a plugin, named as the plugin', () => {
  assert.ok(plugins.length >= 27);
  for (const folder of folders) {
    assert.match(read(folder, 'README.md'), new RegExp(`^# ${path.basename(folder)}\n\n[A-Z]`), folder);
  }
});

for (const folder of plugins) {
  const schema = JSON.parse(read(folder, 'schema.json'));
  const readme = read(folder, 'README.md');
  const options = optionsOf(schema);

  test(`${folder}: the options`, () => {
    if (options.size === 0) {
      assert.match(readme, /takes no\sconfiguration/i);
      return;
    }
    const told = new Map();
    for (const [names, fallback] of rowsOf(readme)) {
      const each = names.length > 1 && fallback.includes(', ') && !fallback.startsWith('[')
        ? fallback.split(', ') : names.map(() => fallback);
      names.forEach((name, i) => told.set(name, NONE.test(each[i]) ? '' : each[i]));
    }
    assert.deepEqual(Object.fromEntries([...told].toSorted()), Object.fromEntries([...options].toSorted()));
    for (const name of innerNames(schema)) {
      assert.ok(new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(readme) || readme.includes(`${name}:`), name);
    }
  });

  test(`${folder}: the errors`, () => {
    const sources = fs.readdirSync(path.join(source, folder)).filter((name) => /\.(cpp|h)$/.test(name))
      .map((name) => read(folder, name).replaceAll(/\/\/.*$/gm, '')).join('\n');
    const codes = new Set([...sources.matchAll(/\b(1[0-5]\d\d)\b(?![.\d'])/g)].map(([, code]) => code)
      .filter((code) => read('docs/protocol.md').includes(`\n| ${code} |`)));
    const missing = [...codes].filter((code) => !readme.includes(code));
    assert.deepEqual(missing, [], 'codes that the README does not name');
  });

  test(`${folder}: the examples are JSON and YAML of today`, () => {
    for (const [, block] of readme.matchAll(/^```json\n([^]*?)^```$/gm)) {
      const messages = block.split(/\n(?=\{)/);
      for (const message of messages) {
        assert.doesNotThrow(() => JSON.parse(message.replaceAll('…', '0').replaceAll(/,0\}/g, '}')), message);
      }
    }
  });
}

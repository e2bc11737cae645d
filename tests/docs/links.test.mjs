// SPDX-License-Identifier: Apache-2.0
// What the documents point at is there.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { source } from '../node/lib/build.mjs';
import { anchorsOf, relativeLinks } from './markdown.mjs';

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md',
  ...fs.readdirSync(path.join(source, 'docs'), { recursive: true })
    .filter((file) => file.endsWith('.md')).map((file) => path.join('docs', file)),
  ...fs.readdirSync(path.join(source, 'plugins'), { recursive: true })
    .filter((file) => file.endsWith('.md')).map((file) => path.join('plugins', file))];

for (const document of documents) {
  test(`links of ${document}`, () => {
    for (const { target, anchor, line } of relativeLinks(document)) {
      const file = target === '' ? document : path.join(path.dirname(document), target);
      assert.ok(fs.existsSync(path.join(source, file)), `${document}:${line}: there is no ${target}`);
      if (anchor === undefined) continue;
      assert.ok(anchorsOf(file).has(anchor), `${document}:${line}: ${file} has no #${anchor}`);
    }
  });
}

test('docs/README.md leads to every document of its folder', () => {
  const links = relativeLinks('docs/README.md').map(({ target }) => target);
  for (const name of fs.readdirSync(path.join(source, 'docs'))) {
    assert.ok(name === 'README.md' || links.includes(name), `docs/README.md does not lead to ${name}`);
  }
  assert.ok(relativeLinks('README.md').some(({ target }) => target === 'docs/README.md'));
});

test('life-of-a-message.md names files that are there', () => {
  const document = 'docs/life-of-a-message.md';
  const text = fs.readFileSync(path.join(source, document), 'utf8');
  const files = [...text.matchAll(/`((?:host|plugins|plugin-api|config)\/[\w./-]+)`/g)];
  assert.ok(files.length >= 20, `${files.length} files`);
  for (const [, file] of files) {
    assert.ok(fs.existsSync(path.join(source, file)), `${document}: there is no ${file}`);
  }
});

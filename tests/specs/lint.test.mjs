// SPDX-License-Identifier: Apache-2.0
// Both documents are what their standards say.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Parser } from '@asyncapi/parser';

import { asyncapiFile, openapiFile } from './documents.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

test('docs/openapi.yaml has nothing that @redocly/cli objects to', () => {
  const redocly = path.join(here, 'node_modules/@redocly/cli/bin/cli.js');
  const { status, stdout, stderr } = spawnSync(process.execPath,
    [redocly, 'lint', '--config', path.join(here, 'redocly.yaml'), openapiFile], {
      encoding: 'utf8',
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    });
  assert.equal(status, 0, stdout + stderr);
});

test('docs/asyncapi.yaml has nothing that @asyncapi/parser objects to', async () => {
  const { document, diagnostics } = await new Parser().parse(fs.readFileSync(asyncapiFile, 'utf8'));
  // 0 is an error, 1 a warning; below are remarks on what might be added.
  const found = diagnostics.filter(({ severity }) => severity <= 1);
  assert.deepEqual(found.map(({ code, message, path: where }) => `${code} ${where.join('.')}: ${message}`), []);
  assert.ok(document, 'it was read');
  assert.equal(document.version(), '3.0.0');
});

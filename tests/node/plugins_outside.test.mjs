// SPDX-License-Identifier: Apache-2.0
// plain: what it builds has no sanitizer.
// Authors' plugins, built outside of this tree against what an installation gives them, by another
// compiler and in another language, answer through a running server.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';

import { build, source } from './lib/build.mjs';
import { Connection } from './lib/connection.mjs';
import { run, startServer, temporaryFolder } from './lib/server.mjs';

const cmake = (...commandLine) => promisify(execFile)('cmake', commandLine);

const folder = temporaryFolder({ after });
const prefix = path.join(folder, 'prefix');
await cmake('--install', build, '--component', 'sdk', '--prefix', prefix);

/** Configures and builds a folder of sources. Answers the library's path. */
async function buildOutside(name, from, ...options) {
  const sources = path.join(folder, name, 'source');
  const binaries = path.join(folder, name, 'build');
  fs.cpSync(path.join(source, from), sources, { recursive: true });
  await cmake('-S', sources, '-B', binaries, `-DCMAKE_PREFIX_PATH=${prefix}`, ...options);
  await cmake('--build', binaries);
  const library = fs.readdirSync(binaries).find((file) => /^lib.*\.so$/.test(file));
  return path.join(binaries, library);
}

const plugins = {
  'plugins/template by the system\'s compiler': [() => buildOutside('template', 'plugins/template'), 'echo'],
  'plugins/template by clang': [() => buildOutside('clang', 'plugins/template',
    '-DCMAKE_C_COMPILER=clang-16', '-DCMAKE_CXX_COMPILER=clang++-16'), 'echo'],
  'a plugin in plain C': [() => buildOutside('plain_c', 'tests/plugins/plain_c'), 'plain_c_echo'],
};

for (const [what, [make, type]] of Object.entries(plugins)) {
  test(`${what} answers through a running server`, async (t) => {
    const library = await make();
    const inspected = await run('plugin', 'inspect', library);
    assert.equal(inspected.code, 0, inspected.output);
    assert.ok(JSON.stringify(JSON.parse(inspected.output)).includes(`"${type}"`));
    const server = await startServer(t, { config: { plugins: { load: [library] } } });
    const ann = await Connection.hello(server);
    const message = { type, text: 'Grüße', list: [1, { a: null }], number: 2 ** 53 - 1 };
    const { text, list, number } = await ann.request(message);
    assert.deepEqual({ text, list, number }, { text: message.text, list: message.list, number: message.number });
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  });
}

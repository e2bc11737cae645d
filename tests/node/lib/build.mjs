// SPDX-License-Identifier: Apache-2.0
// Where the build under test is. CTest passes it; by hand it is build/dev.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

/** The root of the sources. */
export const source = process.env.SYNCLINE_SOURCE ?? path.resolve(here, '../../..');

/** The server. */
export const program = process.env.SYNCLINE_BIN ?? path.join(source, 'build/dev/bin/syncline');

/** The folder of the build. */
export const build = path.dirname(path.dirname(program));

/** The shipped plugins, and those that only tests load. */
export const plugins = process.env.SYNCLINE_PLUGINS ?? path.join(build, 'plugins');
export const testPlugins = path.join(build, 'test-plugins');

/** "address,undefined", "thread" or empty. */
export const sanitizers = process.env.SYNCLINE_SANITIZE ?? '';

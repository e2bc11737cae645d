// SPDX-License-Identifier: Apache-2.0

import fs from 'node:fs';
import path from 'node:path';

import { source } from '../node/lib/build.mjs';
import { startServer, temporaryFolder } from '../node/lib/server.mjs';

/** Any port in a configuration becomes a free one. */
export const onFreePorts = (text) => text.replaceAll(/(bind: *"?[^",\s}]*):\d+/g, '$1:0');

/** A server with the configuration that `scripts/run` uses, its data in a folder of the test. */
export async function startShipped(t) {
  const folder = temporaryFolder(t);
  fs.cpSync(path.join(source, 'config'), path.join(folder, 'config'), { recursive: true });
  const configFile = path.join(folder, 'config', 'syncline.yaml');
  fs.writeFileSync(configFile, onFreePorts(fs.readFileSync(configFile, 'utf8')));
  return startServer(t, { folder, configFile });
}

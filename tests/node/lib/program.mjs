// SPDX-License-Identifier: Apache-2.0

import fs from 'node:fs';
import path from 'node:path';

/** Where Debian puts servers; not every user's PATH names it. */
const OF_SERVERS = '/usr/sbin';

/** The file of a program of this name; undefined when there is none here. */
export const programFile = (name) => [...process.env.PATH.split(path.delimiter), OF_SERVERS]
  .map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));

// SPDX-License-Identifier: Apache-2.0

import fs from 'node:fs';
import path from 'node:path';

/** Whether a program of this name can be started here. */
export const isProgram = (name) => process.env.PATH.split(path.delimiter)
  .some((folder) => fs.existsSync(path.join(folder, name)));

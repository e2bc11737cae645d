// SPDX-License-Identifier: Apache-2.0

import { spawn } from 'node:child_process';
import readline from 'node:readline';

import { within } from '../node/lib/within.mjs';

/**
 * Runs what a document tells to type into a browser's console, in a Node.js that has the same
 * WebSocket, and answers the first `count` lines that it logs.
 */
export async function typeIntoConsole(t, text, count) {
  const child = spawn(process.execPath, ['-e', `${text}\n`], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines = [];
  const read = async () => {
    for await (const line of readline.createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === count) return lines;
    }
    throw new Error(`it ended after ${lines.length} lines: ${lines.join('\n')}`);
  };
  return within(read(), () => `${count} lines; got ${lines.join('\n')}`);
}

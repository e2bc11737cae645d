// SPDX-License-Identifier: Apache-2.0
// A thread that kills a process at a moment of its own: so long after it was asked, and then, when
// a phase is wanted, while the byte that the process keeps for it says so. A thread, because the
// load must go on meanwhile.
//
// A phase may be over before a signal arrives. So the process is stopped first, its byte looked at
// while it stands still, and it goes on if the moment has passed.

import fs from 'node:fs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

/** How long a phase is waited for before the process is killed in whatever phase it is. */
const PHASE_PATIENCE_MS = 5_000;

/** Until every thread of the process stands still. */
function waitUntilStopped(pid) {
  const threads = fs.readdirSync(`/proc/${pid}/task`);
  const stopped = (thread) => /^State:\s+[TtZ]/m.test(
    fs.readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'));
  while (!threads.every(stopped));
}

function kill({ pid, file, phase, delayMs }) {
  const phaseFile = fs.openSync(file, 'r');
  const byte = Buffer.alloc(1);
  const phaseNow = () => {
    fs.readSync(phaseFile, byte, 0, 1, 0);
    return byte[0];
  };
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
  const patienceEnds = performance.now() + PHASE_PATIENCE_MS;
  while (phase !== null && performance.now() < patienceEnds) {
    if (phaseNow() !== phase) continue;
    process.kill(pid, 'SIGSTOP');
    waitUntilStopped(pid);
    if (phaseNow() === phase) break;
    process.kill(pid, 'SIGCONT');
  }
  process.kill(pid, 'SIGKILL');
  fs.closeSync(phaseFile);
}

if (!isMainThread) {
  kill(workerData);
  parentPort.postMessage('killed');
}

/**
 * Kills `pid` after `delayMs`, then in the first moment in which the first byte of `file` is
 * `phase` (null: at once). Resolves when the signal has been sent.
 */
export function killAt({ pid, file, phase, delayMs }) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), {
      workerData: { pid, file, phase, delayMs },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

// SPDX-License-Identifier: Apache-2.0
// What the scenarios measure with.
import { readFileSync } from 'node:fs';

const MS_PER_TICK = 10; // Linux tells CPU time in hundredths of a second

/** CPU time that the process has used with all its threads. */
export function cpuMsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

export function ownCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

export const median = (numbers) => percentile([...numbers].sort((a, b) => a - b), 0.5);

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// SPDX-License-Identifier: Apache-2.0
// What of a durable op is the database's: the server under full load beside a loop that appends the
// same bytes in groups of the same sizes and does nothing else; then both at half that rate, where
// latency counts from the moment at which an op was due.
import { statSync } from 'node:fs';
import path from 'node:path';

import { journal, medians, withServer } from './servers.mjs';

const PACE = 0.5;

/** The sum of a metric, or the counts of a histogram by the end of their bucket. */
const sumOf = (page, name) => Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(page)[1]);
function bucketsOf(page, name) {
  let below = 0;
  let from = 0;
  const buckets = [];
  for (const [, end, count] of page.matchAll(new RegExp(`^${name}_bucket\\{.*le="([^"]+)".*\\} (\\S+)$`, 'gm'))) {
    if (end === '+Inf') break;
    buckets.push({ size: Math.max(1, Math.round((from + Number(end)) / 2)), count: Number(count) - below });
    [from, below] = [Number(end), Number(count)];
  }
  return buckets.filter(({ count }) => count > 0);
}

const fileBytes = (folder, file) => statSync(path.join(folder, file), { throwIfNoEntry: false })?.size ?? 0;

/** One run of the server: its figures, and how its commits were made. */
const ofServer = (scenario, seconds, more) => withServer('syncline', async ({ folder, load, metrics }) => {
  const result = await load(...scenario, '--seconds', seconds, ...more);
  const page = await metrics();
  const committed = sumOf(page, 'syncline_commit_ops_sum');
  return {
    ...result,
    opsPerCommit: committed / sumOf(page, 'syncline_commit_ops_count'),
    bytesPerOp: sumOf(page, 'syncline_commit_bytes_total') / committed,
    journalMiB: (fileBytes(folder, 'syncline.db.commits') + fileBytes(folder, 'syncline.db.commits-wal')) / 2 ** 20,
    groups: bucketsOf(page, 'syncline_commit_ops'),
  };
});

export async function compareWithJournal(scenario, rounds, seconds) {
  const runs = { full: [], fullBare: [], half: [], halfBare: [] };
  for (let round = 0; round < rounds; round += 1) {
    const full = await ofServer(scenario, seconds, []);
    const bytes = ['--bytes-per-op', Math.round(full.bytesPerOp), '--seconds', seconds];
    const groups = full.groups.map(({ size, count }) => `${size}:${count}`).join(',');
    runs.full.push(full);
    runs.fullBare.push(await journal([...bytes, '--groups', groups]));
    const pace = ['--ops-per-second', Math.round(full.perSecond * PACE)];
    runs.half.push(await ofServer(scenario, seconds, pace));
    runs.halfBare.push(await journal([...bytes, ...pace]));
    for (const [name, results] of Object.entries(runs)) console.error(name, JSON.stringify(results.at(-1)));
  }
  const [full, fullBare, half, halfBare] = Object.values(runs).map(medians);
  const n = (number, digits) => number.toFixed(digits);
  console.log(`
| durable ops | ops/s | µs of the writer's thread | ops a commit | p50 ms | p99 ms | max ms |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |`);
  const row = (name, { perSecond, writerUsPerMessage, usPerOp, opsPerCommit, p50Ms, p99Ms, maxMs }) =>
    console.log(`| ${[name, n(perSecond, 0), n(writerUsPerMessage ?? usPerOp, 2), n(opsPerCommit, 0), n(p50Ms, 2), n(p99Ms, 2), n(maxMs, 1)].join(' | ')} |`);
  row('syncline, as fast as it goes', full);
  row('bare loop, the same groups', fullBare);
  row('syncline, at half that rate', half);
  row('bare loop, at that rate', halfBare);
  console.log(`
Bytes of an op in the journal: ${n(full.bytesPerOp, 0)}. Journal and its log at the end: ${n(full.journalMiB, 1)} MiB. The writer's CPU per op is ${
    n(full.writerUsPerMessage / fullBare.usPerOp, 1)} times that of the bare loop, p99 at half the rate ${n(half.p99Ms / halfBare.p99Ms, 1)} times.`);
}

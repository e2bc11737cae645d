// SPDX-License-Identifier: Apache-2.0
// What does not grow with what there is: the commit path with channels and records, memory with the
// updates of one record, and what a client that is far behind costs.
import { medians, withServer } from './servers.mjs';

const runs = async (rounds, name, args) => {
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    results.push(await withServer('syncline', ({ load }) => load(...args)));
    console.error(name, JSON.stringify(results.at(-1)));
  }
  return medians(results);
};

function table(head, rows) {
  console.log(`\n| ${head.join(' | ')} |\n| --- |${' ---: |'.repeat(head.length - 1)}`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

const n = (number, digits) => number.toFixed(digits);

export async function measureScale(rounds, seconds) {
  const writers = ['ops', '--connections', 20, '--in-flight', 80, '--subscribers', 0, '--records', 10, '--seconds', seconds];
  const sizes = [
    ['10 channels, 100 records', ['--channels', 10]],
    ['1,000 channels, 10,000 records', ['--channels', 1_000, '--ops-before', 10_000]],
    ['100,000 channels, 1,000,000 records', ['--channels', 100_000, '--ops-before', 1_000_000]],
  ];
  const grown = [];
  for (const [name, more] of sizes) grown.push([name, await runs(rounds, name, [...writers, ...more])]);
  table(['growth', 'ops/s', 'writer, µs per op', 'fold, µs per op', 'server, µs per op', 'MB resident'],
    grown.map(([name, of]) => [name, n(of.perSecond, 0), n(of.writerUsPerMessage, 2), n(of.foldUsPerMessage, 2), n(of.serverUsPerMessage, 1), n(of.residentMb, 0)]));

  const one = ['ops', '--connections', 1, '--in-flight', 1_000, '--subscribers', 0, '--channels', 1, '--records', 1, '--seconds', 0.2];
  const updated = [];
  for (const count of [100_000, 1_000_000]) {
    updated.push([`${count.toLocaleString('en')} updates of one record`, await runs(rounds, 'updates', [...one, '--ops-before', count])]);
  }
  table(['memory', 'MB resident'], updated.map(([name, of]) => [name, n(of.residentMb, 0)]));

  const late = ['catchup', '--connections', 20, '--in-flight', 1_000];
  const joined = [
    ['snapshot of 10,000 records of 1 KB', await runs(rounds, 'snapshot', [...late, '--ops-before', 10_000, '--records', 10_000, '--bytes', 1_000])],
    ['log of 10,000 ops of 200 B', await runs(rounds, 'log', [...late, '--ops-before', 10_000, '--records', 100, '--bytes', 200, '--from-start'])],
  ];
  table(['20 clients catch up at once', 'MB each', 'ms each', 'MB/s', 'server, ms each', 'MB resident more'],
    joined.map(([name, of]) => [name, n(of.mbPerJoin, 1), n(of.msPerJoin, 1), n(of.mbPerSecond, 0), n(of.serverMsPerJoin, 1), n(of.residentMbMore, 1)]));
}

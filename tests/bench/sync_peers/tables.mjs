// SPDX-License-Identifier: Apache-2.0
// The tables of docs/benchmarks.md, from the figures of each peer.
const whole = (number) => Math.round(number).toLocaleString('en-US');

/** Three digits, as much as such figures are good for. */
const short = (number) => (number >= 100 ? whole(number) : number.toPrecision(number < 10 ? 2 : 3));

/** CPU time comes in ticks of 10 ms, shared by 20 joins. */
const perJoin = (ms) => (ms < 0.5 ? '< 0.5' : short(ms));

const percent = (share) => `${Math.round(share * 100)} %`;

/** At 90 % and more of its core the generator may have been the limit. */
const load = (share) => `${percent(share)}${share >= 0.9 ? ' (the limit)' : ''}`;

const row = (cells) => `| ${cells.join(' | ')} |`;

function table(columns, results, cellsOf) {
  const rule = `| --- |${' ---: |'.repeat(columns.length)}`;
  const rows = [...results].map(([peer, figures]) => row([peer.name, ...cellsOf(figures)]));
  return `${[row(['server', ...columns]), rule, ...rows].join('\n')}\n`;
}

const JOIN_COLUMNS = ['KB', 'server CPU ms', 'client'];

function joinCells(figures) {
  if (!figures) return ['–', '–', '–', '–'];
  const { joinMs, kilobytes, serverMsPerJoin, generatorLoad } = figures;
  return [short(joinMs), short(kilobytes), perJoin(serverMsPerJoin), percent(generatorLoad)];
}

export const tables = {
  ops: (results) => table(
    ['acked ops/s', 'CPU µs per op', 'p50 ms', 'p99 ms', 'deliveries per op', 'generator'], results,
    ({ ops }) => [whole(ops.opsPerSecond), short(ops.serverUsPerOp), short(ops.p50Ms), short(ops.p99Ms),
      ops.deliveriesPerOp.toFixed(1), load(ops.generatorLoad)]),
  crash: (results) => table(
    ['kept, killed right behind the last ack', 'kept, killed 5 s behind it'], results,
    ({ crash, crashLater }) => [whole(crash.kept), whole(crashLater.kept)]),
  join: (results) => table(
    ['10,000 overwrites: ms', ...JOIN_COLUMNS, '10,000 records: ms', ...JOIN_COLUMNS], results,
    ({ joinOverwrite, joinAdd }) => [...joinCells(joinOverwrite), ...joinCells(joinAdd)]),
};

// SPDX-License-Identifier: Apache-2.0
// Syncline and a peer under the same load, in turn, several times; prints a table of medians.
//
//   npm run --silent bench -- [--rounds 5] [--seconds 4] [--only ping,fanout,ops,stages,idle,journal,scale,cold]
//                            [--channels 200000]    of `cold`
//
// The server runs on core 0, the load generator on core 1. SYNCLINE_BIN, SYNCLINE_LOAD and
// SYNCLINE_JOURNAL name the programs; by default those of the `bench` preset.
import { parseArgs } from 'node:util';

import { measureCold } from './cold.mjs';
import { compareWithJournal } from './journal.mjs';
import { measureScale } from './scale.mjs';
import { medians, withServer } from './servers.mjs';

const { values: options } = parseArgs({ options: {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '4' },
  only: { type: 'string', default: '' },
  channels: { type: 'string', default: '200000' },
} });
const rounds = Number(options.rounds);
const wanted = (id) => !options.only || options.only.split(',').includes(id);

const ops = ['ops', '--connections', '100', '--in-flight', '16', '--channels', '50', '--subscribers', '2'];
const scenarios = [
  { name: 'ping, 100 connections × 1', id: 'ping', peer: 'ws', args: ['ping', '--connections', '100', '--in-flight', '1'] },
  { name: 'ping, 100 connections × 16', id: 'ping', peer: 'ws', args: ['ping', '--connections', '100', '--in-flight', '16'] },
  { name: 'fan-out, 1 → 1000, window 16', id: 'fanout', peer: 'ws', args: ['fanout', '--subscribers', '1000', '--in-flight', '16'] },
  { name: 'durable ops, 100 writers × 16, 50 channels', id: 'ops', peer: 'ws+sqlite', args: ops },
  { name: 'stages: ping, 100 connections × 16', id: 'stages', peer: 'syncline+stages', args: ['ping', '--connections', '100', '--in-flight', '16'] },
  { name: 'stages: durable ops, 100 writers × 16, 50 channels', id: 'stages', peer: 'syncline+stages', args: ops },
  { name: 'idle, 10,000 connections', id: 'idle', peer: 'ws', args: ['idle', '--connections', '10000'] },
].filter(({ id }) => wanted(id));

const rows = [];
for (const scenario of scenarios) {
  const results = { syncline: [], [scenario.peer]: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of Object.keys(results)) {
      const result = await withServer(name, ({ load }) => load(...scenario.args, '--seconds', options.seconds));
      results[name].push(result);
      console.error(scenario.name, name, JSON.stringify(result));
    }
  }
  for (const [name, runs] of Object.entries(results)) rows.push({ scenario: scenario.name, server: name, ...medians(runs) });
}

const columns = ['perSecond', 'serverUsPerMessage', 'p50Ms', 'p99Ms', 'generatorLoad', 'bytesPerConnection', 'threads', 'connectsPerSecond'];
if (rows.length > 0) {
  console.log(`| scenario | server | ${columns.join(' | ')} |`);
  console.log(`| --- | --- |${columns.map(() => ' ---: |').join('')}`);
}
for (const row of rows) {
  console.log(`| ${row.scenario} | ${row.server} | ${columns.map((key) => row[key] ?? '').join(' | ')} |`);
}
if (wanted('journal')) await compareWithJournal(ops, rounds, Number(options.seconds));
if (wanted('scale')) await measureScale(rounds, Number(options.seconds));
if (wanted('cold')) await measureCold(Number(options.channels));

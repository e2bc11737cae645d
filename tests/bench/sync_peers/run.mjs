// SPDX-License-Identifier: Apache-2.0
// Syncline and other sync servers under the same load, in turn, several times; prints the tables of
// docs/benchmarks.md, and each run on stderr.
//
//   npm run --silent peers -- [--rounds 5] [--seconds 4] [--only ops,crash,join] [--servers syncline,sharedb,…]
//
// The server runs on core 0, the load generator on core 1.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Server } from './server.mjs';
import { median } from './figures.mjs';
import { CHANNELS, peers } from './peers.mjs';
import { tables } from './tables.mjs';

const KILL_LATER_MS = 5000;
const LOAD_MS_MAX = 120_000;

const { values: options } = parseArgs({ options: {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '4' },
  only: { type: 'string', default: 'ops,crash,join' },
  servers: { type: 'string', default: peers.map(({ dialect }) => dialect).join(',') },
} });

let generator = null;
process.on('exit', () => generator?.kill('SIGKILL'));

/** One run of load.mjs against the server. */
function load(scenario, peer, server, args = []) {
  return new Promise((resolve, reject) => {
    let out = '';
    const target = ['--dialect', peer.dialect, '--port', server.port, '--pid', server.pid];
    const script = path.join(import.meta.dirname, 'load.mjs');
    const command = [process.execPath, script, '--scenario', scenario, ...target, ...args];
    generator = spawn('taskset', ['-c', '1', ...command.map(String)],
      { stdio: ['ignore', 'pipe', 'inherit'], timeout: LOAD_MS_MAX, killSignal: 'SIGKILL' });
    generator.stdout.on('data', (data) => { out += data; });
    generator.once('close', (code) => (code === 0
      ? resolve(JSON.parse(out)) : reject(new Error(`${scenario} against ${peer.dialect}: load ended with ${code}`))));
  });
}

async function crashed(peer, server, killAfterMs) {
  await load('crash', peer, server, ['--kill-after-ms', killAfterMs]);
  await server.ended;
  await server.start();
  return load('kept', peer, server);
}

const join = (shape) => (peer, server) => (peer.storesNothing ? null : load('join', peer, server, ['--shape', shape]));

/** What each table needs of a server. */
const scenarios = {
  ops: {
    ops: (peer, server) => load('ops', peer, server, ['--seconds', options.seconds, '--channels', CHANNELS]),
  },
  crash: {
    crash: (peer, server) => crashed(peer, server, 0),
    crashLater: (peer, server) => crashed(peer, server, KILL_LATER_MS),
  },
  join: { joinOverwrite: join('overwrite'), joinAdd: join('add') },
};

async function once(run, peer) {
  const server = new Server(peer.program);
  try {
    await server.start();
    return await run(peer, server);
  } finally {
    await server.remove();
  }
}

/** Medians of the rounds; of what was kept, the worst. */
const summary = (rounds) => rounds[0] && Object.fromEntries(Object.keys(rounds[0]).map((key) => {
  const numbers = rounds.map((figures) => figures[key]);
  return [key, key === 'kept' ? Math.min(...numbers) : median(numbers)];
}));

async function measured(run, name, chosen) {
  const results = new Map(chosen.map((peer) => [peer, []]));
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const [peer, rounds] of results) {
      rounds.push(await once(run, peer));
      console.error(name, peer.dialect, JSON.stringify(rounds.at(-1)));
    }
  }
  return results;
}

function named(list, name) {
  if (!list[name]) throw new Error(`'${name}' is none of ${Object.keys(list).join(', ')}`);
  return list[name];
}

const byDialect = Object.fromEntries(peers.map((peer) => [peer.dialect, peer]));
const chosen = options.servers.split(',').map((name) => named(byDialect, name));
for (const table of options.only.split(',')) {
  const figures = new Map(chosen.map((peer) => [peer, {}]));
  for (const [name, run] of Object.entries(named(scenarios, table))) {
    for (const [peer, rounds] of await measured(run, name, chosen)) figures.get(peer)[name] = summary(rounds);
  }
  console.log(tables[table](figures));
}

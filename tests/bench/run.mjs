// SPDX-License-Identifier: Apache-2.0
// Syncline and a peer under the same load, in turn, several times; prints a table of medians.
//
//   npm run --silent bench -- [--rounds 5] [--seconds 4] [--only ping,fanout,ops,stages,idle]
//
// The server runs on core 0, the load generator on core 1. SYNCLINE_BIN and SYNCLINE_LOAD name the two
// programs; by default those of the `bench` preset.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const build = path.join(here, '../../build/bench/bin');
const syncline = process.env.SYNCLINE_BIN ?? path.join(build, 'syncline');
const load = process.env.SYNCLINE_LOAD ?? path.join(build, 'syncline-load');

const { values: options } = parseArgs({ options: {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '4' },
  only: { type: 'string', default: '' },
} });

const servers = {
  syncline: { dialect: 'syncline', command: () => [syncline, 'run', '--config', path.join(here, 'bench.yaml')], ready: 'listening on' },
  'syncline+stages': { dialect: 'syncline', command: () => [syncline, 'run', '--config', path.join(here, 'bench_stages.yaml')], ready: 'listening on' },
  ws: { dialect: 'ws', command: () => [process.execPath, path.join(here, 'peers/ws_rooms.mjs')], ready: 'ready' },
  'ws+sqlite': { dialect: 'ws', command: () => [process.execPath, path.join(here, 'peers/ws_sqlite.mjs')], ready: 'ready' },
};

const scenarios = [
  { name: 'ping, 100 connections × 1', id: 'ping', peer: 'ws', args: ['ping', '--connections', '100', '--in-flight', '1'] },
  { name: 'ping, 100 connections × 16', id: 'ping', peer: 'ws', args: ['ping', '--connections', '100', '--in-flight', '16'] },
  { name: 'fan-out, 1 → 1000, window 16', id: 'fanout', peer: 'ws', args: ['fanout', '--subscribers', '1000', '--in-flight', '16'] },
  { name: 'durable ops, 100 writers × 16, 50 channels', id: 'ops', peer: 'ws+sqlite', args: ['ops', '--connections', '100', '--in-flight', '16', '--channels', '50', '--subscribers', '2'] },
  { name: 'stages: ping, 100 connections × 16', id: 'stages', peer: 'syncline+stages', args: ['ping', '--connections', '100', '--in-flight', '16'] },
  { name: 'stages: durable ops, 100 writers × 16, 50 channels', id: 'stages', peer: 'syncline+stages', args: ['ops', '--connections', '100', '--in-flight', '16', '--channels', '50', '--subscribers', '2'] },
  { name: 'idle, 10,000 connections', id: 'idle', peer: 'ws', args: ['idle', '--connections', '10000'] },
].filter(({ id }) => !options.only || options.only.split(',').includes(id));

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

async function start(server, port, folder) {
  const [program, ...args] = server.command();
  const child = spawn('taskset', ['-c', '0', program, ...args], {
    env: { ...process.env, PORT: String(port), DATA_DIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => { if (String(data).includes(server.ready)) resolve(); });
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  return child;
}

const stop = (child) => new Promise((resolve) => {
  child.removeAllListeners('exit');
  child.once('exit', resolve);
  child.kill('SIGTERM');
});

function measure(args) {
  return new Promise((resolve, reject) => {
    let out = '';
    const child = spawn('taskset', ['-c', '1', load, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (data) => { out += data; });
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`load ended with ${code}`))));
  });
}

async function once(name, scenario) {
  const server = servers[name];
  const folder = mkdtempSync(path.join(process.env.BENCH_DIR ?? tmpdir(), 'syncline-bench-'));
  const port = await freePort();
  const child = await start(server, port, folder);
  try {
    return await measure([...scenario.args, '--dialect', server.dialect, '--port', String(port), '--pid', String(child.pid), '--seconds', options.seconds]);
  } finally {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

const rows = [];
for (const scenario of scenarios) {
  const results = { syncline: [], [scenario.peer]: [] };
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const name of Object.keys(results)) {
      const result = await once(name, scenario);
      results[name].push(result);
      console.error(scenario.name, name, JSON.stringify(result));
    }
  }
  for (const [name, runs] of Object.entries(results)) {
    const of = (key) => median(runs.map((run) => run[key]));
    rows.push({ scenario: scenario.name, server: name, ...Object.fromEntries(
      Object.keys(runs[0]).filter((key) => typeof runs[0][key] === 'number').map((key) => [key, of(key)])) });
  }
}

const columns = ['perSecond', 'serverUsPerMessage', 'p50Ms', 'p99Ms', 'generatorLoad', 'bytesPerConnection', 'threads', 'connectsPerSecond'];
console.log(`| scenario | server | ${columns.join(' | ')} |`);
console.log(`| --- | --- |${columns.map(() => ' ---: |').join('')}`);
for (const row of rows) {
  console.log(`| ${row.scenario} | ${row.server} | ${columns.map((key) => row[key] ?? '').join(' | ')} |`);
}

// SPDX-License-Identifier: Apache-2.0
// What is measured, and how it is started: on core 0, its files in a folder of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const build = path.join(here, '../../build/bench/bin');

const programs = {
  syncline: process.env.SYNCLINE_BIN ?? path.join(build, 'syncline'),
  load: process.env.SYNCLINE_LOAD ?? path.join(build, 'syncline-load'),
  journal: process.env.SYNCLINE_JOURNAL ?? path.join(build, 'syncline-bench-journal'),
};

const syncline = (config, env = {}) => ({
  dialect: 'syncline', ready: 'try: open', env, command: [programs.syncline, 'run', '--config', path.join(here, config)],
});
const peer = (file) => ({
  dialect: 'ws', ready: 'ready', command: [process.execPath, path.join(here, 'peers', file)],
});

const servers = {
  syncline: syncline('bench.yaml'),
  'syncline+stages': syncline('bench_stages.yaml'),
  'syncline+cold': syncline('bench.yaml', { CHANNEL_IDLE: '800ms', CHANNELS_LOADED: '4000' }),
  ws: peer('ws_rooms.mjs'),
  'ws+sqlite': peer('ws_sqlite.mjs'),
};

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

/** A folder on the disk that is measured; it goes with `use`. */
export async function inFolder(use) {
  const folder = mkdtempSync(path.join(process.env.BENCH_DIR ?? tmpdir(), 'syncline-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program on core 1 to its end; what it printed is one JSON object. */
function measure(program, args) {
  return new Promise((resolve, reject) => {
    let out = '';
    const child = spawn('taskset', ['-c', '1', program, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (data) => { out += data; });
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`${program} ended with ${code}`))));
  });
}

/** SQLite alone, in the same kind of folder and on the server's core. */
export const journal = (args) => inFolder(async (folder) => {
  const command = ['-c', '0', programs.journal, '--folder', folder, ...args.map(String)];
  return measure('taskset', command);
});

/** Starts the server of that name, hands it to `use` and stops it again. */
export const withServer = (name, use) => inFolder(async (folder) => {
  const { command: [program, ...args], dialect, ready, env } = servers[name];
  const [port, adminPort] = [await freePort(), await freePort()];
  const child = spawn('taskset', ['-c', '0', program, ...args], {
    env: { ...process.env, ...env, PORT: String(port), ADMIN_PORT: String(adminPort), DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => { if (String(data).includes(ready)) resolve(); });
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  try {
    return await use({
      folder,
      port,
      pid: child.pid,
      load: (...scenario) => measure(programs.load, [...scenario, '--dialect', dialect, '--port', port, '--pid', child.pid]),
      metrics: async () => (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text(),
    });
  } finally {
    await new Promise((resolve) => {
      child.removeAllListeners('exit');
      child.once('exit', resolve);
      child.kill('SIGTERM');
    });
  }
});

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** Of several results of the same shape, the median of each number. */
export const medians = (results) => Object.fromEntries(
  Object.keys(results[0]).filter((key) => typeof results[0][key] === 'number')
    .map((key) => [key, median(results.map((result) => result[key]))]));

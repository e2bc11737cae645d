// SPDX-License-Identifier: Apache-2.0
// A server under test: a process on core 0, with a folder and a port of its own. None outlives the run.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));
const binary = process.env.SYNCLINE_BIN ?? path.join(bench, '../../build/bench/bin/syncline');

/** What Server starts, and what it says on stdout when it listens. */
export const syncline = (config) => (
  { command: [binary, 'run', '--config', path.join(bench, config)], ready: 'try: open' });
export const script = (file) => ({ command: [process.execPath, path.join(bench, file)], ready: 'ready' });

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

export class Server {
  static #live = new Set();
  #program;
  #folder = mkdtempSync(path.join(process.env.BENCH_DIR ?? tmpdir(), 'syncline-bench-'));
  #child = null;

  /** `program`: {command, ready, environment?}; it also gets PORT and DATA_DIR. */
  constructor(program) {
    this.#program = program;
    Server.#live.add(this);
  }

  get pid() { return this.#child.pid; }

  /** Starts it; once more if it has ended, on the same folder. */
  async start() {
    const { command, ready, environment } = this.#program;
    this.port = await freePort();
    this.#child = spawn('taskset', ['-c', '0', ...command], {
      env: { ...process.env, ...environment, PORT: String(this.port), DATA_DIR: this.#folder },
      stdio: ['ignore', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => { this.#child.once('exit', resolve); });
    await new Promise((resolve, reject) => {
      this.#child.stdout.on('data', (data) => { if (String(data).includes(ready)) resolve(); });
      this.#child.once('error', reject);
      this.#child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}`)));
    });
  }

  /** Ends it, and its folder with it. */
  async remove() {
    if (this.#child?.kill('SIGKILL')) await this.ended;
    this.#forget();
  }

  #forget() {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    Server.#live.delete(this);
  }

  static #removeAll() {
    for (const server of Server.#live) {
      server.#child?.kill('SIGKILL');
      server.#forget();
    }
  }

  static {
    process.on('exit', () => Server.#removeAll());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
  }
}

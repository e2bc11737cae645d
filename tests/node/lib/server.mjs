// SPDX-License-Identifier: Apache-2.0
// Starts the server under test: a free port, a folder of its own, no waiting by time.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { program, sanitizers } from './build.mjs';
import { deferred, within } from './within.mjs';

/** A folder that goes away with the test. */
export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'syncline-test-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A configuration for `folder`; sections of `changes` replace those of the same name. */
export function configuration(folder, changes = {}) {
  return {
    version: 1,
    server: { shards: 2, drain_timeout: '10s' },
    drain: { notice: '0ms' },
    listeners: { public: { bind: '127.0.0.1:0', auth: ['visitors'] } },
    auth: { visitors: { use: 'anonymous' } },
    storage: { main: { use: 'sqlite', with: { path: path.join(folder, 'syncline.db') } } },
    broker: { main: { use: 'local' } },
    conflict: [{ use: 'server_order' }],
    channels: [{ match: '*' }],
    ...changes,
  };
}

/** Writes it as JSON, which is YAML too. Answers the path. */
export function writeConfiguration(folder, changes) {
  const file = path.join(folder, 'syncline.yaml');
  fs.writeFileSync(file, JSON.stringify(configuration(folder, changes), null, 2));
  return file;
}

/** Runs the program to its end: { code, signal, output }. */
export async function run(...commandLine) {
  const child = new Program(commandLine);
  const { code, signal } = await within(child.exit, `the end of syncline ${commandLine[0]}`);
  return { code, signal, output: child.output };
}

/** A running process of the program, and the lines that it wrote. */
class Program {
  constructor(commandLine, environment = {}, file = program) {
    this.lines = [];
    this.waiting = new Set();
    this.child = spawn(file, commandLine, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.child.pid;
    for (const stream of [this.child.stdout, this.child.stderr]) this.#read(stream);
    const ended = deferred();
    this.exit = ended.promise;
    this.child.once('error', (error) => ended.reject(error));
    this.child.once('close', (code, signal) => {
      this.ended = { code, signal };
      ended.resolve(this.ended);
      for (const wait of [...this.waiting]) wait.end();
    });
  }

  get output() { return this.lines.join('\n'); }

  /** The first line, past or to come, that matches: the match. */
  line(pattern, what = String(pattern)) {
    for (const line of this.lines) {
      const match = pattern.exec(line);
      if (match) return Promise.resolve(match);
    }
    const found = deferred();
    const wait = {
      take: (line) => {
        const match = pattern.exec(line);
        if (match) found.resolve(match);
      },
      end: () => found.reject(new Error(
        `the server ended (${JSON.stringify(this.ended)}) before ${what}:\n${this.output}`)),
    };
    if (this.ended) wait.end();
    this.waiting.add(wait);
    const promise = found.promise.finally(() => this.waiting.delete(wait));
    return within(promise, () => `${what} in:\n${this.output}`);
  }

  kill(signal) { return this.child.kill(signal); }

  #read(stream) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        this.lines.push(line);
        for (const wait of [...this.waiting]) wait.take(line);
      }
    });
  }
}

/** A server that listens. */
export class Server extends Program {
  ports = new Map();

  get port() { return this.ports.get('public'); }
  get http() { return `http://127.0.0.1:${this.port}`; }
  get ws() { return `ws://127.0.0.1:${this.port}/ws`; }

  async listening(listeners) {
    for (const name of listeners) {
      const pattern = new RegExp(`listening on https?://\\S+:(\\d+)/? \\(${name}\\)`);
      const match = await this.line(pattern, `the port of '${name}'`);
      this.ports.set(name, Number(match[1]));
    }
    return this;
  }

  /** Asks it to stop and waits until it has: { code, signal }. */
  async stop(signal = 'SIGTERM') {
    this.kill(signal);
    return within(this.exit, () => `the end of the server after ${signal}:\n${this.output}`);
  }

  fetch(target, options) { return fetch(this.http + target, options); }

  /** From /proc: what the process holds in memory now. */
  residentBytes() {
    const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
  }

  threads() { return fs.readdirSync(`/proc/${this.pid}/task`).length; }
}

/** Sanitizers tell about leaks when a process ends in order, so there it does. */
async function end(server) {
  if (!server.ended) server.kill(sanitizers ? 'SIGTERM' : 'SIGKILL');
  const { code, signal } = await within(server.exit, () => `the end of:\n${server.output}`);
  const meant = [0, 143].includes(code) || ['SIGKILL', 'SIGTERM'].includes(signal);
  assert.ok(meant, `the server ended with ${code ?? signal}:\n${server.output}`);
}

/**
 * Starts a server and waits until it listens. Options: `folder` (where its files are, made when
 * absent), `config` (sections that replace the default ones) or `configFile`, `environment`.
 */
export async function startServer(t, options = {}) {
  const folder = options.folder ?? temporaryFolder(t);
  const file = options.configFile ?? writeConfiguration(folder, options.config);
  const server = new Server(['run', '--config', file], options.environment);
  server.folder = folder;
  t.after(() => {
    // Node reports the first failure alone, and why a connection broke is told by the server.
    if (t.passed === false) t.diagnostic(server.output);
    return end(server);
  });
  const listeners = options.listeners ?? Object.keys(options.config?.listeners ?? { public: 0 });
  return server.listening(listeners);
}

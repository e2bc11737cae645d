// SPDX-License-Identifier: Apache-2.0
// Prometheus as it is: its server on a free port, its linter, and its text format read back.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { within } from './within.mjs';
import { temporaryFolder } from './server.mjs';

/** What promtool says of a page; empty when there is nothing to say. */
export function lint(text) {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'],
    { input: text, encoding: 'utf8' });
  return status === 0 && stdout === '' && stderr === '' ? '' : `${status}: ${stdout}${stderr}`;
}

/** The samples of a page: [{ name, labels, value }]. */
export function samplesOf(text) {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const [, name, inner, value] = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    const labels = Object.fromEntries(
      [...(inner ?? '').matchAll(/([a-z0-9_]+)="((?:[^"\\]|\\.)*)"/g)].map((m) => [m[1], m[2]]));
    return { name, labels, value: Number(value.replace('+Inf', 'Infinity')) };
  });
}

/** The sum of a page's samples of that name whose labels include those. */
export function sum(samples, name, labels = {}) {
  return samples
    .filter((sample) => sample.name === name
      && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((all, sample) => all + sample.value, 0);
}

/** A Prometheus that scrapes `target` every 200 ms: { query(expression) }. */
export async function startPrometheus(t, target) {
  const folder = temporaryFolder(t);
  const config = path.join(folder, 'prometheus.yml');
  fs.writeFileSync(config, JSON.stringify({
    global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
    scrape_configs: [{ job_name: 'syncline', static_configs: [{ targets: [target] }] }],
  }));
  execFileSync('promtool', ['check', 'config', config], { stdio: 'ignore' });
  const child = spawn('prometheus', [
    `--config.file=${config}`, `--storage.tsdb.path=${path.join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0', '--log.format=json',
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => { child.once('close', resolve); });
  t.after(async () => { child.kill('SIGKILL'); await ended; });
  const address = await within(listeningOn(child), 'the address of Prometheus');
  const ready = async () => {
    while ((await fetch(`http://${address}/-/ready`)).status !== 200) await pause();
  };
  await within(ready(), 'Prometheus to be ready');
  return {
    async query(expression) {
      const url = `http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const { status, data } = await (await fetch(url)).json();
      if (status !== 'success') throw new Error(`${expression}: ${JSON.stringify(data)}`);
      return data.result;
    },
    /** Asks until the first value of the answer satisfies `condition`. */
    async until(expression, condition) {
      const answered = async () => {
        for (;;) {
          const [first] = await this.query(expression);
          const value = first === undefined ? undefined : Number(first.value[1]);
          if (value !== undefined && condition(value)) return value;
          await pause();
        }
      };
      return within(answered(), `${expression} as wanted`);
    },
  };
}

/** Between two questions. */
const pause = () => new Promise((resolve) => { setTimeout(resolve, 50); });

/** The address of its web server, from its log. */
function listeningOn(child) {
  return new Promise((resolve, reject) => {
    let all = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text) => {
      all += text;
      const match = /"address":"(127\.0\.0\.1:[1-9]\d*)"[^\n]*"msg":"Listening on"/.exec(all)
        ?? /"msg":"Listening on"[^\n]*"address":"(127\.0\.0\.1:[1-9]\d*)"/.exec(all);
      if (match) resolve(match[1]);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`Prometheus ended:\n${all}`)));
  });
}

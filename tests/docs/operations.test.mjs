// SPDX-License-Identifier: Apache-2.0
// docs/operations.md: what it installs starts, its unit and its alerts are good, its metrics exist.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';

import { build, program, source } from '../node/lib/build.mjs';
import { Connection } from '../node/lib/connection.mjs';
import { programFile } from '../node/lib/program.mjs';
import { Server, startServer, temporaryFolder } from '../node/lib/server.mjs';
import { within } from '../node/lib/within.mjs';
import { fencedBlocks, tableRows } from './markdown.mjs';
import { onFreePorts, startShipped } from './shipped.mjs';

const DOCUMENT = 'docs/operations.md';
const UNIT = path.join(source, 'config/syncline.service');
const run = promisify(execFile);

/** Types the commands that stand under a heading. */
const type = (heading, environment) => {
  const lines = fencedBlocks(DOCUMENT)
    .filter((block) => block.heading === heading && block.info === 'bash')
    .flatMap((block) => block.lines);
  assert.ok(lines.length > 0, `no commands under ${heading}`);
  return run('bash', ['-c', `set -euo pipefail\n${lines.join('\n')}\n`],
    { cwd: source, env: { ...process.env, ...environment } });
};

/** The settings of the unit: [name, value]. */
const settings = fs.readFileSync(UNIT, 'utf8').split('\n')
  .map((line) => /^(\w+)=(.*)$/.exec(line)).filter(Boolean).map(([, name, value]) => [name, value]);
const settingsOf = (name) => settings.filter(([key]) => key === name).map(([, value]) => value);

const root = temporaryFolder({ after });
const [prefix, etc, state] = ['opt', 'etc', 'state'].map((name) => path.join(root, name));
await type('Install', { BUILD: build, PREFIX: prefix, ETC: etc });

/** A line of the unit, in the folders of this test. */
const here = (line) => line.replaceAll('/opt/syncline', prefix).replaceAll('/etc/syncline', etc)
  .replaceAll('/var/lib/syncline', state);

test('what is installed is checked and started by the lines of the unit', async (t) => {
  const configFile = path.join(etc, 'syncline.yaml');
  fs.writeFileSync(configFile, onFreePorts(fs.readFileSync(configFile, 'utf8')));
  const environment = Object.fromEntries(settingsOf('Environment').map((one) => here(one).split('=')));
  const [check] = settingsOf('ExecStartPre').map((line) => here(line).split(' '));
  await run(check[0], check.slice(1), { env: environment });
  const [program, ...commandLine] = here(settingsOf('ExecStart')[0]).split(' ');
  const server = new Server(commandLine, environment, program);
  t.after(() => server.kill('SIGKILL'));
  await server.listening(['public', 'admin']);
  const one = await Connection.hello(server);
  const answer = await one.request(
    { type: 'op', channel: 'installed', n: 1, key: 'k', kind: 'set', value: 1 });
  assert.equal(answer.type, 'ack');
  assert.ok(fs.existsSync(path.join(state, 'syncline.db')), 'the data is where the unit says');
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});

// Not a package of the tests: installing it makes over the machine. Most have it.
const systemd = { skip: !programFile('systemd-analyze') && 'there is no systemd here' };
test('systemd has nothing to say about the unit, and little that is exposed', systemd, () => {
  const copy = path.join(root, 'syncline.service');
  fs.writeFileSync(copy, here(fs.readFileSync(UNIT, 'utf8')));
  const verify = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });
  assert.equal(verify.status, 0, verify.stderr);
  assert.equal(verify.stderr.split('\n').filter((line) => line.includes('syncline')).join('\n'), '');
  // Of 100: below 20 it calls a service that is locked up well.
  const security = spawnSync('systemd-analyze',
    ['security', '--offline=true', '--threshold=20', copy], { encoding: 'utf8' });
  assert.equal(security.status, 0, security.stdout + security.stderr);
});

test('the unit gives what the shipped limits need', () => {
  const config = fs.readFileSync(path.join(source, 'config/syncline.yaml'), 'utf8');
  const connections = Number(/^ {2}connections: (\d+)$/m.exec(config)[1]);
  const seconds = (key) => Number(new RegExp(`${key}: (\\d+)s`).exec(config)[1]);
  const drain = seconds('drain_timeout') + seconds('notice') + 10;
  assert.ok(Number(settingsOf('LimitNOFILE')[0]) >= connections + 1000);
  assert.ok(Number.parseInt(settingsOf('TimeoutStopSec')[0], 10) > drain);
});

test('every number of the table of memory is that of the configuration', () => {
  const told = [...tableRows('docs/configuration.md')];
  for (const [name, value] of tableRows(DOCUMENT).filter(([limit]) => /^`(limits|commit)\./.test(limit))) {
    const key = name.slice(1, -1).split('.')[1];
    const row = told.find((cells) => cells[0] === `\`${key}\``);
    assert.equal(row?.[2], `\`${value}\``, name);
  }
});

test('a backup is asked for as it is told, and restored as it is told', async (t) => {
  const server = await startShipped(t);
  await server.listening(['admin']);
  const one = await Connection.hello(server);
  await one.request({ type: 'op', channel: 'kept', n: 1, key: 'k', kind: 'set', value: 'kept' });
  const blocks = fencedBlocks(DOCUMENT).filter(({ heading }) => heading === 'Backup');
  const [command, ask, shown] = blocks;
  const url = `http://127.0.0.1:${server.ports.get('admin')}`;
  const copy = path.join(server.folder, 'copy.db');
  const copied = await run('sh', ['-c', `${command.lines.join('\n')} --url ${url}`
    .replace('syncline backup', `"${program}" backup`)
    .replace('/etc/syncline/syncline.yaml', path.join(server.folder, 'config', 'syncline.yaml'))
    .replace('/backup/main.db', copy)]);
  assert.equal(copied.stdout, `${copy}\n`);
  const { stdout } = await run('sh',
    ['-c', ask.lines.join('\n').replace(':9464', `:${server.ports.get('admin')}`)]);
  const answer = JSON.parse(stdout);
  assert.deepEqual(Object.keys(answer), Object.keys(JSON.parse(shown.lines[0])));
  await server.stop();
  const folder = path.join(server.folder, 'data');
  assert.equal(path.dirname(answer.file), path.join(folder, 'backups'));
  await type('Backup', { DATABASE: path.join(folder, 'syncline.db'), BACKUP: answer.file });
  const again = await startServer(t,
    { folder: server.folder, configFile: path.join(server.folder, 'config', 'syncline.yaml') });
  const two = await Connection.hello(again);
  const { records } = await two.request({ type: 'get', channel: 'kept' });
  assert.deepEqual(records.map(({ value }) => value), ['kept']);
});

// ---- Metrics -----------------------------------------------------------------------------------

const alerts = fs.readFileSync(path.join(source, 'config/alerts.yaml'), 'utf8');

async function metricsOfAServer(t) {
  const server = await startServer(t, {
    config: {
      listeners: {
        public: { bind: '127.0.0.1:0', auth: ['visitors'] },
        admin: { bind: '127.0.0.1:0', admin: true, api: false },
      },
      pipelines: { 'event.connected': [{ use: 'event_log' }] },
    },
  });
  const one = await Connection.hello(server);
  await one.request({ type: 'op', channel: 'c', n: 1, key: 'k', kind: 'set', value: 1 });
  await one.request({ type: 'no such type' });
  await (await Connection.hello(server)).close();
  const metrics = async () => {
    for (;;) {
      const text = await (await fetch(`http://127.0.0.1:${server.ports.get('admin')}/metrics`)).text();
      // A session is counted as ended once the server has noticed.
      if (text.includes('syncline_disconnects_total{')) return text;
    }
  };
  const page = await within(metrics(), 'the end of a session to be counted');
  await one.close();
  return new Set([...page.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name, kind]) =>
    (kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`, name] : [name])));
}

test('every metric that the document or an alert names is there', async (t) => {
  const there = await metricsOfAServer(t);
  const named = (text) => [...text.matchAll(/\b(?:syncline|process)_[a-z0-9_]+\b/g)].map(([name]) => name);
  const document = fs.readFileSync(path.join(source, DOCUMENT), 'utf8')
    .replaceAll('`syncline_plugin_…_total`', '');
  assert.ok(named(alerts).length >= 18);
  const missing = new Set([...named(document), ...named(alerts)].filter((name) => !there.has(name)));
  assert.deepEqual([...missing], []);
});

test('promtool has nothing to say about the alerts, and each has its row', () => {
  const check = spawnSync('promtool', ['check', 'rules', path.join(source, 'config/alerts.yaml')],
    { encoding: 'utf8' });
  assert.equal(check.status, 0, check.stdout + check.stderr);
  const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const rows = tableRows(DOCUMENT).map(([cell]) => /^`(Syncline\w+)`$/.exec(cell)?.[1]).filter(Boolean);
  assert.deepEqual(rows.toSorted(), names.toSorted());
});

/** What Prometheus makes of alerts, given series: promtool's own unit tests. */
test('alerts fire when they should, and not before', (t) => {
  const quiet = { eval_time: '30m', exp_alerts: [] };
  const series = (name, values) => ({ series: `${name}{job="syncline",instance="a"}`, values });
  const fires = (alertname, input, labels, at = '10m') => ({
    interval: '1m',
    input_series: input,
    alert_rule_test: [{ alertname, eval_time: at, exp_alerts: [{ exp_labels: labels }] }],
  });
  const one = { instance: 'a', job: 'syncline' };
  const text = JSON.stringify({
    rule_files: [path.join(source, 'config/alerts.yaml')],
    evaluation_interval: '1m',
    tests: [
      fires('SynclineDown', [series('up', '1 1 0x10')], { ...one, severity: 'page' }),
      fires('SynclineShardStalled', [series('syncline_shards_stalled', '0x5 1x9')], { ...one, severity: 'page' }),
      fires('SynclineConnectionsNearlyFull', [
        series('syncline_connections', '95x20'), series('syncline_connections_limit', '100x20'),
      ], { instance: 'a', severity: 'ticket' }),
      fires('SynclineConnectionsDie', [
        { series: 'syncline_disconnects_total{instance="a",code="1006"}', values: '0+60x40' },
        { series: 'syncline_disconnects_total{instance="a",code="1000"}', values: '0+60x40' },
      ], { instance: 'a', severity: 'ticket' }, '30m'),
      {
        interval: '1m',
        input_series: [
          series('up', '1x40'), series('syncline_ready', '1x40'), series('syncline_shards_stalled', '0x40'),
          series('syncline_connections', '50x40'), series('syncline_connections_limit', '100x40'),
          { series: 'syncline_disconnects_total{instance="a",code="1000"}', values: '0+60x40' },
          { series: 'syncline_disconnects_total{instance="a",code="1006"}', values: '0+6x40' },
        ],
        alert_rule_test: ['SynclineDown', 'SynclineNotReady', 'SynclineShardStalled',
          'SynclineConnectionsNearlyFull', 'SynclineConnectionsDie'].map((alertname) => ({ alertname, ...quiet })),
      },
    ],
  });
  const file = path.join(temporaryFolder(t), 'alerts_test.yaml');
  // Annotations are part of what promtool compares: here only that it fires is of interest.
  const rules = path.join(path.dirname(file), 'alerts.yaml');
  fs.writeFileSync(rules, alerts.replaceAll(/^ +annotations: .*\n/gm, ''));
  fs.writeFileSync(file, text.replace(path.join(source, 'config/alerts.yaml'), rules));
  const result = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  assert.equal(result.status, 0, result.stdout + result.stderr);
});

// SPDX-License-Identifier: Apache-2.0
// One run of one scenario against a server that is up; prints its figures as a line of JSON.
//
//   node load.mjs --scenario ops|crash|kept|join --dialect NAME --port N --pid N
//     [--seconds S] [--channels N] [--shape overwrite|add] [--kill-after-ms MS]
import { parseArgs } from 'node:util';
import { crash, kept } from './scenarios/crash.mjs';
import { durableOps } from './scenarios/durable_ops.mjs';
import { lateJoin } from './scenarios/late_join.mjs';

const scenarios = { ops: durableOps, crash, kept, join: lateJoin };

const { values: options } = parseArgs({ options: {
  scenario: { type: 'string' },
  dialect: { type: 'string' },
  port: { type: 'string' },
  pid: { type: 'string' },
  seconds: { type: 'string', default: '4' },
  channels: { type: 'string', default: '50' },
  shape: { type: 'string', default: 'overwrite' },
  'kill-after-ms': { type: 'string', default: '0' },
} });

function onClose(reason) {
  if (!onClose.expected) throw new Error(reason);
}

const dialect = await import(`./dialects/${options.dialect}.mjs`);
const figures = await scenarios[options.scenario](dialect, {
  port: Number(options.port),
  pid: Number(options.pid),
  seconds: Number(options.seconds),
  channels: Number(options.channels),
  shape: options.shape,
  killAfterMs: Number(options['kill-after-ms']),
  onClose,
});
onClose.expected = true;
console.log(JSON.stringify(figures));
process.exit(0);

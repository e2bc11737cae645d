// SPDX-License-Identifier: Apache-2.0
// A client that comes late, to 10,000 ops: how long until it holds the state, from before it connects.
import { cpuMsOf, median, ownCpuMs } from '../figures.mjs';
import { resultOf, shapes } from '../work.mjs';
import { fill } from './fill.mjs';

const OPS = 10_000;
const JOINS = 20;

function check({ ops, values }, expected) {
  if (ops !== OPS || values.size !== expected.size) throw new Error(`${ops} ops, ${values.size} values`);
  for (const [name, value] of expected) if (values.get(name) !== value) throw new Error(`${name} is wrong`);
}

export async function lateJoin(dialect, { port, pid, shape, onClose }) {
  const channel = 'bench:0';
  const opAt = shapes[shape];
  const expected = resultOf(opAt, OPS);
  const writer = await fill(dialect, { port, channel, shape, opAt, count: OPS, onClose });
  const joins = [];
  const before = cpuMsOf(pid);
  while (joins.length < JOINS) {
    const start = { own: ownCpuMs(), at: performance.now() };
    const state = await dialect.read({ port, channel, shape });
    joins.push({ ms: performance.now() - start.at, ownMs: ownCpuMs() - start.own, bytes: state.bytes });
    check(state, expected);
  }
  const serverMs = cpuMsOf(pid) - before;
  writer.close();
  return {
    joinMs: median(joins.map(({ ms }) => ms)),
    kilobytes: joins[0].bytes / 1000,
    serverMsPerJoin: serverMs / JOINS,
    generatorLoad: median(joins.map(({ ms, ownMs }) => ownMs / ms)),
  };
}

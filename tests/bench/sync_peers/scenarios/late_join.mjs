// SPDX-License-Identifier: Apache-2.0
// A client that comes late, to 10,000 ops: how long until it holds the state, from before it connects.
import { cpuMsOf, median, ownCpuMs } from '../figures.mjs';
import { resultOf, shapes } from '../work.mjs';
import { fill } from './fill.mjs';

const OPS = 10_000;
const JOINS = 20;

export async function lateJoin(dialect, { port, pid, shape, onClose }) {
  const channel = 'bench:0';
  const opAt = shapes[shape];
  const expected = resultOf(opAt, OPS);
  const writer = await fill(dialect, { port, channel, shape, opAt, count: OPS, onClose });
  const joinMs = [];
  let bytes = 0;
  const before = { server: cpuMsOf(pid), own: ownCpuMs(), at: performance.now() };
  for (let i = 0; i < JOINS; i += 1) {
    const start = performance.now();
    const state = await dialect.read({ port, channel, shape });
    joinMs.push(performance.now() - start);
    bytes = state.bytes;
    if (state.ops !== OPS || state.values.size !== expected.size) throw new Error(`${state.ops} ops, ${state.values.size} values`);
    for (const [name, value] of expected) if (state.values.get(name) !== value) throw new Error(`${name} is wrong`);
  }
  const ms = performance.now() - before.at;
  writer.close();
  return {
    joinMs: median(joinMs),
    kilobytes: bytes / 1000,
    serverMsPerJoin: (cpuMsOf(pid) - before.server) / JOINS,
    generatorLoad: (ownCpuMs() - before.own) / ms,
  };
}

// SPDX-License-Identifier: Apache-2.0
// Two writers and two readers on each of 50 channels; every writer keeps its window full. Measured is a
// server under as much load as it takes. At the end nothing may be missing: each op acknowledged,
// delivered to everybody, and in the state of its channel.
import { cpuMsOf, ownCpuMs, pause, percentile } from '../figures.mjs';
import { FIELDS, channelNames, overwrite } from '../work.mjs';

const WRITERS = 2;
const READERS = 2;
const WARM_UP_MS = 1000;
const DRAIN_MS_MAX = 10_000;
const OPS_AHEAD = 1500;
const [FIRST] = channelNames(1);

/** What came; latencies only of what is measured. */
class Tally {
  measuring = false;
  stopped = false;
  acks = 0;
  deliveries = 0;
  latenciesMs = [];
}

async function addWriter(dialect, { port, channel, number, onClose, tally }) {
  const fields = FIELDS.slice(number * 4, number * 4 + 4);
  const sentAt = new Float64Array(dialect.window); // acks come in order
  const writer = { sent: 0, acked: 0 };
  const send = () => {
    sentAt[writer.sent % dialect.window] = performance.now();
    writer.sent += 1;
    connection.next();
  };
  const onAck = () => {
    const ms = performance.now() - sentAt[writer.acked % dialect.window];
    writer.acked += 1;
    tally.acks += 1;
    if (tally.measuring) tally.latenciesMs.push(ms);
    if (!tally.stopped) send();
  };
  const connection = await dialect.join({ port, channel, client: `${channel}:writer:${number}`, opAt: overwrite(fields),
    ahead: OPS_AHEAD, onAck, onUpdate: () => { tally.deliveries += 1; }, onClose });
  writer.start = () => { for (let i = 0; i < dialect.window; i += 1) send(); };
  return writer;
}

const addReader = (dialect, { port, channel, number, onClose, tally }) => dialect.join({ port, channel, onClose,
  client: `${channel}:reader:${number}`, witness: channel === FIRST && number === 0,
  onUpdate: () => { tally.deliveries += 1; } });

async function measure(tally, { pid, seconds }) {
  await pause(WARM_UP_MS);
  const before = { server: cpuMsOf(pid), own: ownCpuMs(), at: performance.now(), deliveries: tally.deliveries };
  tally.measuring = true;
  await pause(seconds * 1000);
  tally.measuring = false;
  const ms = performance.now() - before.at;
  const acks = tally.latenciesMs.length;
  if (acks === 0) throw new Error(`no ack within ${seconds} s`);
  const sorted = Float64Array.from(tally.latenciesMs).sort();
  return {
    opsPerSecond: acks * 1000 / ms,
    serverUsPerOp: (cpuMsOf(pid) - before.server) * 1000 / acks,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    deliveriesPerOp: (tally.deliveries - before.deliveries) / acks,
    generatorLoad: (ownCpuMs() - before.own) / ms,
  };
}

const sum = (writers, key) => writers.reduce((total, writer) => total + writer[key], 0);

/** Waits until nothing is under way any more, and checks that all has arrived. */
async function drain(dialect, tally, { writers, witness }) {
  tally.stopped = true;
  const sent = sum(writers, 'sent');
  const missing = () => {
    if (tally.acks !== sent) return `${tally.acks} acks of ${sent} ops`;
    const expected = dialect.deliveriesPerOp ? sent * dialect.deliveriesPerOp : sum(writers.slice(0, WRITERS), 'sent');
    const delivered = dialect.deliveriesPerOp ? tally.deliveries : witness.opsReceived();
    return delivered === expected ? null : `${delivered} of ${expected} deliveries`;
  };
  const until = performance.now() + DRAIN_MS_MAX;
  while (missing() && performance.now() < until) await pause(20);
  if (missing()) throw new Error(missing());
}

async function checkState(dialect, { port, writers }) {
  const { ops } = await dialect.read({ port, channel: FIRST });
  const acked = sum(writers.slice(0, WRITERS), 'acked');
  if (ops !== acked) throw new Error(`${ops} ops in a channel that acknowledged ${acked}`);
}

export async function durableOps(dialect, { port, pid, seconds, channels, onClose }) {
  const tally = new Tally();
  const writers = [];
  const readers = [];
  for (const channel of channelNames(channels)) {
    const at = { port, channel, onClose, tally };
    for (let number = 0; number < READERS; number += 1) readers.push(await addReader(dialect, { ...at, number }));
    for (let number = 0; number < WRITERS; number += 1) writers.push(await addWriter(dialect, { ...at, number }));
  }
  writers.forEach((writer) => writer.start());
  const figures = await measure(tally, { pid, seconds });
  await drain(dialect, tally, { writers, witness: readers[0] });
  if (dialect.read) await checkState(dialect, { port, writers });
  return figures;
}

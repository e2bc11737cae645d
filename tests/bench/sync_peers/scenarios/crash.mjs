// SPDX-License-Identifier: Apache-2.0
// 10,000 acknowledged ops, SIGKILL in the turn in which the last ack came, or some time behind it. What is
// there when the server has been started again on the same folder is asked in a second process.
import { pause } from '../figures.mjs';
import { resultOf, shapes } from '../work.mjs';
import { fill } from './fill.mjs';

export const OPS = 10_000;
const channel = 'bench:0';

export async function crash(dialect, { port, pid, killAfterMs, onClose }) {
  const kill = () => {
    onClose.expected = true;
    process.kill(pid, 'SIGKILL');
  };
  await fill(dialect, { port, channel, shape: 'overwrite', opAt: shapes.overwrite, count: OPS, onClose,
    onLastAck: killAfterMs === 0 ? kill : undefined });
  if (killAfterMs > 0) {
    await pause(killAfterMs);
    kill();
  }
  return { acked: OPS };
}

export async function kept(dialect, { port }) {
  if (!dialect.read) return { kept: 0 };
  const { ops, values } = await dialect.read({ port, channel, shape: 'overwrite' });
  for (const [field, value] of ops === OPS ? resultOf(shapes.overwrite, OPS) : []) {
    if (values.get(field) !== value) throw new Error(`${field} is ${values.get(field)}, not ${value}`);
  }
  return { kept: ops };
}

// SPDX-License-Identifier: Apache-2.0
// One writer, `count` ops, the window full; its connection stays. `onLastAck` is called in the turn in
// which the last ack came.
export async function fill(dialect, { port, channel, shape, opAt, count, onClose, onLastAck }) {
  let acked = 0;
  let sent = 0;
  let finish;
  const finished = new Promise((resolve) => { finish = resolve; });
  const send = () => {
    if (sent === count) return;
    sent += 1;
    writer.next();
  };
  const onAck = () => {
    acked += 1;
    if (acked < count) return send();
    onLastAck?.();
    return finish();
  };
  const client = `${channel}:${shape}`;
  const writer = await dialect.join({ port, channel, client, opAt, onAck, onUpdate: () => {}, onClose });
  for (let i = 0; i < dialect.window; i += 1) send();
  await finished;
  return writer;
}

// SPDX-License-Identifier: Apache-2.0
// What Syncline speaks (docs/protocol.md). A writer sends what a client has to: `base`, so that the op is
// tested for conflicts, and `done`, so that verdicts can be forgotten. It hears of its own ops as well.
import { MiniWs } from '../mini_ws.mjs';
import { valuesOf } from '../work.mjs';

export const window = 16;
export const deliveriesPerOp = 4;

const hello = (client) => JSON.stringify(
  { type: 'hello', id: 1, protocol: 1, client: `bench-client-${client}`.padEnd(32, '-') });
const subscribe = (channel) => JSON.stringify({ type: 'subscribe', id: 2, channel });

const startsWith = (bytes, begin, text) => bytes.latin1Slice(begin, begin + text.length) === text;

export async function join({ port, channel, client, opAt, onAck, onUpdate, onClose }) {
  let sent = 0;
  let acked = 0;
  let base = 0;
  let joined;
  const done = new Promise((resolve) => { joined = resolve; });
  const takeAck = (text) => {
    if (!text.includes('"outcome":"applied"')) throw new Error(text);
    acked += 1;
    base = Number.parseInt(text.slice(text.indexOf('"seq":') + '"seq":'.length), 10);
    onAck();
  };
  const socket = new MiniWs({ port, path: '/ws', onClose, onMessage: (bytes, begin, end) => {
    if (startsWith(bytes, begin, '{"type":"update"')) return onUpdate();
    const text = bytes.latin1Slice(begin, end);
    if (text.startsWith('{"type":"live"')) joined();
    else if (text.startsWith('{"type":"welcome"')) socket.text(subscribe(channel));
    else if (text.includes('"type":"ack"')) takeAck(text);
    else if (!/"type":"(subscribed|snapshot)"/.test(text)) throw new Error(text);
  } });
  await socket.ready;
  socket.text(hello(client));
  await done;
  const next = () => {
    sent += 1;
    const { record, field, value } = opAt(sent);
    socket.text(`{"type":"op","id":${sent + 2},"channel":"${channel}","n":${sent},"key":"${record}","base":${base},` +
      `"done":${acked},"kind":"merge","value":{"${field}":"${value}"}}`);
  };
  return { next, close: () => socket.close() };
}

export function read({ port, channel }) {
  const records = [];
  let received = 0;
  return new Promise((resolve, reject) => {
    const socket = new MiniWs({ port, path: '/ws', onMessage: (bytes, begin, end) => {
      const message = JSON.parse(bytes.latin1Slice(begin, end));
      received += end - begin;
      if (message.type === 'welcome') return socket.text(subscribe(channel));
      if (message.type === 'snapshot') records.push(...message.records);
      if (message.type !== 'live') return undefined;
      socket.close();
      const values = valuesOf(records.map(({ key, value }) => [key, value]));
      return resolve({ ops: message.seq, values, bytes: received });
    } });
    socket.ready.then(() => socket.text(hello('late')), reject);
  });
}

// SPDX-License-Identifier: Apache-2.0
// What peers/ws_sqlite.mjs speaks.
import { MiniWs } from '../mini_ws.mjs';
import { valuesOf } from '../work.mjs';

export const window = 16;
export const deliveriesPerOp = 3;

/** `hello` names the client; a server that takes the name from `join` does not mind. */
function enter(socket, channel, client) {
  socket.text(JSON.stringify({ t: 'hello', client }));
  socket.text(JSON.stringify({ t: 'join', ch: channel, client }));
}

const TYPE = '{"t":"'.length; // the first letter of a message's type

export async function join({ port, channel, client, opAt, onAck, onUpdate, onClose }) {
  let sent = 0;
  let joined;
  const done = new Promise((resolve) => { joined = resolve; });
  const socket = new MiniWs({ port, onClose, onMessage: (bytes, begin) => {
    const letter = String.fromCharCode(bytes[begin + TYPE]);
    if (letter === 'a') onAck();
    else if (letter === 'o') onUpdate();
    else if (letter === 'j') joined();
  } });
  await socket.ready;
  enter(socket, channel, client);
  await done;
  const next = () => {
    sent += 1;
    const { record, field, value } = opAt(sent);
    socket.text(`{"t":"op","ch":"${channel}","cid":${sent},"k":"${record}","f":"${field}","v":"${value}"}`);
  };
  return { next, close: () => socket.close() };
}

export function read({ port, channel }) {
  return new Promise((resolve, reject) => {
    const socket = new MiniWs({ port, onMessage: (bytes, begin, end) => {
      const { t, seq, records } = JSON.parse(bytes.latin1Slice(begin, end));
      if (t !== 'joined') return;
      socket.close();
      resolve({ ops: seq, values: valuesOf(Object.entries(records)), bytes: end - begin });
    } });
    socket.ready.then(() => enter(socket, channel, 'late'), reject);
  });
}

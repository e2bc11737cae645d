// SPDX-License-Identifier: Apache-2.0
// What servers/socketio.mjs speaks: Engine.IO 4 over WebSocket, with acknowledgements. There is nothing to read.
import { MiniWs } from '../mini_ws.mjs';

export const window = 16;
export const deliveriesPerOp = 3;

const PATH = '/socket.io/?EIO=4&transport=websocket';

// Packets: an Engine.IO digit, and behind that of a message a Socket.IO digit.
const OPENED = '0';
const PING = '2';
const CONNECTED = '40';
const EVENT = '42';
const ACK = '43';

export async function join({ port, channel, opAt, onAck, onUpdate, onClose }) {
  let sent = 0;
  let joined;
  const done = new Promise((resolve) => { joined = resolve; });
  const socket = new MiniWs({ port, path: PATH, onClose, onMessage: (bytes, begin) => {
    const packet = bytes.latin1Slice(begin, begin + 2);
    if (packet === EVENT) onUpdate();
    else if (packet === ACK && joined) joined = joined();
    else if (packet === ACK) onAck();
    else if (packet === CONNECTED) socket.text(`${EVENT}0["join","${channel}"]`);
    else if (packet[0] === OPENED) socket.text(CONNECTED);
    else if (packet[0] === PING) socket.text('3');
    else throw new Error(`a packet ${packet}`);
  } });
  await socket.ready;
  await done;
  const next = () => {
    sent += 1;
    const { record, field, value } = opAt(sent);
    socket.text(`${EVENT}${sent}["op",{"ch":"${channel}","n":${sent},"k":"${record}","f":"${field}","v":"${value}"}]`);
  };
  return { next, close: () => socket.close() };
}

// SPDX-License-Identifier: Apache-2.0
// What a ShareDB client speaks, for json0 documents. An overwrite is an op of the channel's document; a
// record of its own is a document in a collection of the channel's name, which is read by a query.
import { MiniWs } from '../mini_ws.mjs';
import { RECORD, firstRecord } from '../work.mjs';

/** A client of ShareDB has one op of a document in flight, and transforms what waits. */
export const window = 1;
export const deliveriesPerOp = 3;

const DOCUMENTS = 'documents';
const HELLO = JSON.stringify({ a: 'hs', id: null, protocol: 1, protocolMinor: 2 });

function parsed(bytes, begin, end) {
  const message = JSON.parse(bytes.latin1Slice(begin, end));
  if (message.error) throw new Error(JSON.stringify(message.error));
  return message;
}

const subscribe = (channel) => JSON.stringify({ a: 's', c: DOCUMENTS, d: channel, v: null });

/** Ops of the channel's document, each with the value that it replaces, as json0 asks for. */
class Author {
  version = 0;
  #channel;
  #seq = 0;
  #values = firstRecord();

  constructor(channel) {
    this.#channel = channel;
  }

  op({ record, field, value }) {
    this.#seq += 1;
    if (record !== RECORD) {
      const create = { type: 'http://sharejs.org/types/JSONv0', data: { [field]: value } };
      return JSON.stringify({ a: 'op', c: this.#channel, d: record, v: 0, seq: this.#seq, x: {}, create });
    }
    const op = [{ p: [field], od: this.#values[field], oi: value }];
    this.#values[field] = value;
    return JSON.stringify({ a: 'op', c: DOCUMENTS, d: this.#channel, v: this.version, seq: this.#seq, x: {}, op });
  }
}

export async function join({ port, channel, opAt, onAck, onUpdate, onClose }) {
  let sent = 0;
  let session = null;
  let joined;
  const author = new Author(channel);
  const done = new Promise((resolve) => { joined = resolve; });
  const socket = new MiniWs({ port, onClose, onMessage: (bytes, begin, end) => {
    if (!joined && !opAt) return onUpdate(); // who only reads has no version to keep
    const message = parsed(bytes, begin, end);
    if (message.a === 'hs') {
      session = message.id;
      socket.text(subscribe(channel));
    } else if (message.a === 's') {
      author.version = message.data.v;
      joined = joined();
    } else if (message.a === 'op') {
      if (message.c === DOCUMENTS && message.v < author.version) return; // told twice: as an op, and before an ack
      if (message.c === DOCUMENTS) author.version = message.v + 1;
      if (message.src === session) onAck();
      else onUpdate();
    }
  } });
  await socket.ready;
  socket.text(HELLO);
  await done;
  const next = () => {
    sent += 1;
    socket.text(author.op(opAt(sent)));
  };
  return { next, close: () => socket.close() };
}

export function read({ port, channel, shape }) {
  const query = JSON.stringify({ a: 'qs', id: 1, c: channel, q: {} });
  let received = 0;
  return new Promise((resolve, reject) => {
    const socket = new MiniWs({ port, onMessage: (bytes, begin, end) => {
      const message = parsed(bytes, begin, end);
      received += end - begin;
      if (message.a === 'hs') {
        socket.text(shape === 'add' ? query : subscribe(channel));
      } else if (message.a === 'qs') {
        const values = new Map(message.data.map(({ d, data }) => [d, data.text]));
        resolve({ ops: values.size, values, bytes: received });
      } else if (message.a === 's') {
        const { v, data } = message.data;
        resolve({ ops: v - 1, values: new Map(Object.entries(data)), bytes: received }); // the first made it
      }
      if (message.a === 'qs' || message.a === 's') socket.close();
    } });
    socket.ready.then(() => socket.text(HELLO), reject);
  });
}

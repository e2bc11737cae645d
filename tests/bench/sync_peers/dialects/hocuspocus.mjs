// SPDX-License-Identifier: Apache-2.0
// What a Hocuspocus provider speaks: Yjs updates, a document with one map per channel. The server answers
// each update with a status, which is the ack.
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { MiniWs } from '../mini_ws.mjs';
import { RECORD } from '../work.mjs';

export const window = 16;

/** What came in one turn of the server's event loop leaves as one update. */
export const deliveriesPerOp = null;

// Types of messages, and beneath them.
const SYNC = 0;
const AUTH = 2;
const SYNC_REPLY = 4;
const SYNC_STATUS = 8;
const TOKEN = 0;
const AUTHENTICATED = 2;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;
const SAVED = 1;

const NOTHING = Y.encodeStateVector(new Y.Doc());

function message(channel, type, kind, ...parts) {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, channel);
  encoding.writeVarUint(encoder, type);
  encoding.writeVarUint(encoder, kind);
  for (const part of parts) {
    if (typeof part === 'string') encoding.writeVarString(encoder, part);
    else encoding.writeVarUint8Array(encoder, part);
  }
  return encoding.toUint8Array(encoder);
}

/** Connects and asks for the document; `onMessage(type, kind, content)`, where content() is the payload. */
async function connect({ port, channel, onClose, onMessage }) {
  const head = 1 + channel.length; // the name comes first, with its length
  const socket = new MiniWs({ port, onClose, onMessage: (bytes, begin, end) => {
    const type = bytes[begin + head];
    const kind = bytes[begin + head + 1];
    if (type === AUTH) {
      if (kind !== AUTHENTICATED) throw new Error('not authenticated');
      socket.binary(message(channel, SYNC, STEP_1, NOTHING));
    } else {
      onMessage(type === SYNC_REPLY ? SYNC : type, kind, () => decoding.readVarUint8Array(
        decoding.createDecoder(bytes.subarray(begin + head + 2, end))), end - begin);
    }
  } });
  await socket.ready;
  socket.binary(message(channel, AUTH, TOKEN, 'token', '4.7.0'));
  return socket;
}

/** Updates of a client's own document. Some are made ahead: Yjs is then not the generator's time. */
class Author {
  #channel;
  #opAt;
  #document = new Y.Doc();
  #update = null;
  #made = 0;
  #ahead = [];
  #taken = 0;

  constructor(channel, opAt, ahead) {
    this.#channel = channel;
    this.#opAt = opAt;
    this.#document.on('update', (update) => { this.#update = update; });
    while (this.#ahead.length < ahead) this.#ahead.push(this.#make());
  }

  op() {
    return this.#taken < this.#ahead.length ? this.#ahead[this.#taken++] : this.#make();
  }

  #make() {
    this.#made += 1;
    const { record, field, value } = this.#opAt(this.#made);
    this.#document.getMap(RECORD).set(record === RECORD ? field : record, value);
    return message(this.#channel, SYNC, UPDATE, this.#update);
  }
}

const opsIn = (document) => [...Y.decodeStateVector(Y.encodeStateVector(document)).values()]
  .reduce((sum, clock) => sum + clock, 0);

/** Counts the ops in the updates that a reader got, when it is asked. */
class Witness {
  #document = new Y.Doc();
  #updates = [];

  take(update) {
    this.#updates.push(update.slice());
  }

  ops() {
    this.#updates.forEach((update) => Y.applyUpdate(this.#document, update));
    this.#updates = [];
    return opsIn(this.#document);
  }
}

export async function join({ port, channel, opAt, ahead = 0, witness = false, onAck, onUpdate, onClose }) {
  let joined;
  const done = new Promise((resolve) => { joined = resolve; });
  const author = opAt && new Author(channel, opAt, ahead);
  const seen = witness && new Witness();
  const socket = await connect({ port, channel, onClose, onMessage: (type, kind, content) => {
    if (type === SYNC_STATUS) {
      if (kind !== SAVED) throw new Error('an update was not taken');
      onAck();
    } else if (type === SYNC && kind === UPDATE) {
      if (seen) seen.take(content());
      onUpdate();
    } else if (type === SYNC && kind === STEP_2) {
      joined();
    }
  } });
  await done;
  return { next: () => socket.binary(author.op()), opsReceived: () => seen.ops(), close: () => socket.close() };
}

export async function read({ port, channel }) {
  let loaded;
  let received = 0;
  const done = new Promise((resolve) => { loaded = resolve; });
  const document = new Y.Doc();
  const socket = await connect({ port, channel, onMessage: (type, kind, content, bytes) => {
    received += bytes;
    if (type !== SYNC || kind !== STEP_2) return;
    Y.applyUpdate(document, content());
    loaded();
  } });
  await done;
  socket.close();
  return { ops: opsIn(document), values: new Map(document.getMap(RECORD).entries()), bytes: received };
}

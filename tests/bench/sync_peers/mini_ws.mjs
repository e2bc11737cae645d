// SPDX-License-Identifier: Apache-2.0
// A WebSocket client for a load generator: just enough of RFC 6455 over a raw socket, and cheap, so
// that the server stays the limit. Text is ASCII; messages come unfragmented; one mask serves all
// frames of a connection. What is sent in one turn of the event loop leaves in one write.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export class MiniWs {
  #socket;
  #onMessage;
  #open = false;
  #closed = false;
  #rest = null;
  #mask = randomBytes(4);
  #frames = [];

  /** Calls `onMessage(bytes, begin, end)` per message, unparsed; `onClose(reason)` when the server ends it. */
  constructor({ port, path = '/', onMessage, onClose }) {
    this.#onMessage = onMessage;
    this.#mask[0] |= 1; // a mask of zeros would spare the server its work
    this.ready = new Promise((resolve, reject) => {
      this.#socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => this.#upgrade(path));
      this.#socket.on('data', (data) => {
        if (this.#open) return this.#read(data);
        try {
          if (this.#answered(data)) resolve();
        } catch (error) {
          reject(error);
        }
      });
      this.#socket.on('error', () => {}); // 'close' follows
      this.#socket.on('close', () => {
        reject(new Error('the server refused a connection'));
        if (!this.#closed) onClose?.('the server closed a connection');
      });
    });
  }

  text(text) {
    const { frame, at } = this.#frame(TEXT, text.length);
    frame.latin1Write(text, at);
    this.#queue(frame, at);
  }

  binary(bytes) {
    this.#bytes(BINARY, bytes);
  }

  close() {
    this.#closed = true;
    this.#socket.destroy();
  }

  #upgrade(path) {
    this.#socket.write([`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Upgrade: websocket', 'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, 'Sec-WebSocket-Version: 13', '', ''].join('\r\n'));
  }

  #answered(data) {
    const bytes = this.#rest ? Buffer.concat([this.#rest, data]) : data;
    const end = bytes.indexOf('\r\n\r\n');
    this.#rest = bytes;
    if (end < 0) return false;
    if (!bytes.latin1Slice(0, 12).endsWith(' 101')) throw new Error(bytes.latin1Slice(0, end));
    this.#open = true;
    this.#rest = null;
    this.#read(bytes.subarray(end + 4));
    return true;
  }

  #read(data) {
    const bytes = this.#rest ? Buffer.concat([this.#rest, data]) : data;
    let at = 0;
    while (bytes.length - at >= 2) {
      let length = bytes[at + 1] & 127;
      const head = length < 126 ? 2 : length === 126 ? 4 : 10;
      if (bytes.length - at < head) break;
      if (head === 4) length = bytes.readUInt16BE(at + 2);
      if (head === 10) length = Number(bytes.readBigUInt64BE(at + 2));
      const end = at + head + length;
      if (bytes.length < end) break;
      this.#take(bytes, bytes[at] & 15, at + head, end);
      at = end;
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : null;
  }

  #take(bytes, opcode, begin, end) {
    if (opcode === TEXT || opcode === BINARY) this.#onMessage(bytes, begin, end);
    else if (opcode === PING) this.#bytes(PONG, bytes.subarray(begin, end));
    else if (opcode === CLOSE) this.#socket.destroy();
    else if (opcode !== PONG) throw new Error(`a frame with opcode ${opcode}`);
  }

  #bytes(opcode, bytes) {
    const { frame, at } = this.#frame(opcode, bytes.length);
    frame.set(bytes, at);
    this.#queue(frame, at);
  }

  /** A frame with its head, and where its payload begins. */
  #frame(opcode, length) {
    const at = length < 126 ? 6 : 8;
    if (length > 65535) throw new Error(`a message of ${length} bytes`);
    const frame = Buffer.allocUnsafe(at + length);
    frame[0] = 128 | opcode;
    frame[1] = 128 | (at === 6 ? length : 126);
    if (at === 8) frame.writeUInt16BE(length, 2);
    frame.set(this.#mask, at - 4);
    return { frame, at };
  }

  #queue(frame, at) {
    const mask = this.#mask;
    for (let i = at; i < frame.length; i += 1) frame[i] ^= mask[(i - at) & 3];
    if (this.#frames.push(frame) > 1) return;
    process.nextTick(() => {
      const frames = this.#frames;
      this.#frames = [];
      this.#socket.write(frames.length === 1 ? frames[0] : Buffer.concat(frames));
    });
  }
}

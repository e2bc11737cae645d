// SPDX-License-Identifier: Apache-2.0
// A bare TCP connection: bytes as they are, HTTP answers and WebSocket frames taken apart by hand.

import { randomBytes } from 'node:crypto';
import net from 'node:net';

import { deferred, within } from './within.mjs';

export class Raw {
  /** With `allowHalfOpen`, it does not end only because the server does. */
  static async connect(port, { allowHalfOpen = false } = {}) {
    const raw = new Raw(net.connect({ port, host: '127.0.0.1', allowHalfOpen }));
    await within(raw.opened, 'the connection');
    return raw;
  }

  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.waiting = new Set();
    const opened = deferred();
    const closed = deferred();
    this.opened = opened.promise;
    this.closed = closed.promise;
    socket.on('connect', opened.resolve);
    socket.on('error', (error) => {
      opened.reject(error);
      this.error = error;
    });
    socket.on('data', (data) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      this.#look();
    });
    socket.on('end', () => { this.ended = true; this.#look(); });
    socket.on('close', () => { this.ended = true; this.#look(); closed.resolve(); });
  }

  write(bytes) { this.socket.write(bytes, 'latin1'); }

  /** Waits until the server has closed. */
  end() { return within(this.closed, () => `the server to close; got ${this.#shown()}`); }

  /** The next HTTP response: { status, headers, body }; the connection's end reads as status 0. */
  response({ head = false } = {}) {
    return this.#take(() => {
      const end = this.bytes.indexOf('\r\n\r\n');
      if (end < 0) return this.ended ? { status: 0, headers: new Map(), body: '' } : undefined;
      const [first, ...lines] = this.bytes.toString('latin1', 0, end).split('\r\n');
      const headers = new Map(lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }));
      const status = Number(first.split(' ')[1]);
      const bodyless = head || status === 100 || status === 101 || status === 304;
      const length = bodyless ? 0 : Number(headers.get('content-length') ?? 0);
      if (this.bytes.length < end + 4 + length) return undefined;
      const body = this.bytes.toString('utf8', end + 4, end + 4 + length);
      this.bytes = this.bytes.subarray(end + 4 + length);
      return { status, headers, body };
    }, 'an HTTP response');
  }

  /** Sends a request line and headers; Host is added. */
  request(method, target, headers = {}) {
    const all = { Host: 'localhost', ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  }

  /** Becomes a WebSocket. Answers the response. */
  async upgrade(headers = {}, target = '/ws') {
    this.request('GET', target, {
      Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'), ...headers,
    });
    return this.response();
  }

  /** Sends one masked frame. */
  frame(opcode, payload = '', { final = true, mask = randomBytes(4), reserved = 0 } = {}) {
    const body = Buffer.from(payload);
    const length = body.length < 126 ? [body.length]
      : body.length < 65_536 ? [126, body.length >> 8, body.length & 255]
        : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => (body.length >>> bits) & 255)];
    if (mask) length[0] |= 0x80;
    const masked = mask ? Buffer.from(body.map((byte, i) => byte ^ mask[i % 4])) : body;
    this.socket.write(Buffer.concat([
      Buffer.from([(final ? 0x80 : 0) | reserved | opcode, ...length]), mask || Buffer.alloc(0), masked,
    ]));
  }

  /** The next frame of the server: { opcode, payload }. */
  nextFrame() {
    return this.#take(() => {
      if (this.bytes.length < 2) return this.ended ? { opcode: -1, payload: Buffer.alloc(0) } : undefined;
      const short = this.bytes[1] & 127;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (this.bytes.length < head) return undefined;
      const length = short < 126 ? short
        : short === 126 ? this.bytes.readUInt16BE(2) : Number(this.bytes.readBigUInt64BE(2));
      if (this.bytes.length < head + length) return undefined;
      const frame = {
        opcode: this.bytes[0] & 15, payload: Buffer.from(this.bytes.subarray(head, head + length)),
      };
      this.bytes = this.bytes.subarray(head + length);
      return frame;
    }, 'a frame');
  }

  /** The next text frame as a message. */
  async nextMessage() {
    const { opcode, payload } = await this.nextFrame();
    if (opcode !== 1) throw new Error(`a frame of opcode ${opcode} where a message was due`);
    return JSON.parse(payload.toString());
  }

  /** Frames until the server's close: its code. */
  async closeCode() {
    for (;;) {
      const { opcode, payload } = await this.nextFrame();
      if (opcode === 8) return payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      if (opcode === -1) return 1006;
    }
  }

  destroy() { this.socket.destroy(); }

  #shown() { return JSON.stringify(this.bytes.toString('latin1').slice(0, 200)); }

  #take(attempt, what) {
    const found = deferred();
    const look = () => {
      const taken = attempt();
      if (taken === undefined) return;
      this.waiting.delete(look);
      found.resolve(taken);
    };
    this.waiting.add(look);
    look();
    return within(found.promise, () => `${what}; got ${this.#shown()}`);
  }

  #look() { for (const look of [...this.waiting]) look(); }
}

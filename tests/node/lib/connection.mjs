// SPDX-License-Identifier: Apache-2.0
// One WebSocket of the npm package `ws`, with what came in as a list that tests take from.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import WebSocket from 'ws';

import { deferred, within } from './within.mjs';

/** A client id as the protocol wants it: random, 128 bits. */
export const randomClient = () => randomBytes(16).toString('hex');

/** Whether `message` has all members of `pattern`, deeply; a function decides by itself. */
export function matches(pattern, message) {
  if (typeof pattern === 'function') return pattern(message);
  if (pattern === null || typeof pattern !== 'object') return Object.is(pattern, message);
  if (message === null || typeof message !== 'object') return false;
  if (Array.isArray(pattern) && pattern.length !== message.length) return false;
  return Object.entries(pattern).every(([name, part]) => matches(part, message[name]));
}

export class Connection {
  /** Opens a socket; nothing is sent. Options of `ws`, such as headers, may be given. */
  static async open(server, { path = '/ws', url = `ws://127.0.0.1:${server.port}${path}`, ...options } = {}) {
    const connection = new Connection(new WebSocket(url, 'syncline.v1', {
      perMessageDeflate: false, ...options,
    }));
    await within(connection.opened, 'the upgrade');
    return connection;
  }

  /** Opens a socket and a session. */
  static async hello(server, { client = randomClient(), token, resume, ...options } = {}) {
    const connection = await Connection.open(server, options);
    connection.client = client;
    connection.welcome = await connection.request(
      { type: 'hello', protocol: 1, client, ...(token && { token }), ...(resume && { resume }) });
    assert.equal(connection.welcome.type, 'welcome', JSON.stringify(connection.welcome));
    return connection;
  }

  constructor(socket) {
    this.socket = socket;
    /** What came and nobody took yet, in order. */
    this.inbox = [];
    this.waiting = [];
    this.lastId = 0;
    const opened = deferred();
    const closed = deferred();
    this.opened = opened.promise;
    /** { code, reason } */
    this.closed = closed.promise;
    this.opened.catch(() => {});
    socket.on('open', opened.resolve);
    socket.on('error', opened.reject);
    socket.on('message', (data) => this.#take(JSON.parse(data)));
    socket.on('close', (code, reason) => {
      this.ended = { code, reason: String(reason) };
      closed.resolve(this.ended);
      for (const wait of this.waiting.splice(0)) {
        wait.reject(new Error(`closed with ${code} '${reason}' before ${wait.what}`));
      }
    });
  }

  /** A message, an array of them, or raw text. */
  send(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message, past or to come, that matches; it is taken out of the inbox. */
  next(pattern = {}) {
    const at = this.inbox.findIndex((message) => matches(pattern, message));
    if (at >= 0) return Promise.resolve(this.inbox.splice(at, 1)[0]);
    const what = `a message like ${typeof pattern === 'function' ? pattern : JSON.stringify(pattern)}`;
    if (this.ended) return Promise.reject(new Error(`closed with ${this.ended.code} before ${what}`));
    const wait = { ...deferred(), pattern, what };
    this.waiting.push(wait);
    return within(wait.promise, () => `${what}; there is ${JSON.stringify(this.inbox).slice(0, 2000)}`);
  }

  /** Sends with an id and waits for the answer to it. */
  request(message) {
    const id = message.id ?? ++this.lastId;
    this.send({ ...message, id });
    return this.next({ re: id });
  }

  /** All that came until everything sent so far was answered, and is still in the inbox. */
  async settled() {
    await this.request({ type: 'ping' });
    return this.inbox;
  }

  /** Waits for the server's close: { code, reason }. */
  end() { return within(this.closed, 'the server to close'); }

  async close(code = 1000) {
    this.socket.close(code);
    return this.end();
  }

  #take(message) {
    const at = this.waiting.findIndex((wait) => matches(wait.pattern, message));
    if (at < 0) this.inbox.push(message);
    else this.waiting.splice(at, 1)[0].resolve(message);
  }
}

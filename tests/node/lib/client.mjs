// SPDX-License-Identifier: Apache-2.0
// A client as the protocol means it: what the server confirmed, own ops on top of it that are not
// settled, and their resend with the same numbers after any loss. One channel each.
//
//     submit -> pending -> sent -> verdict          (ack, conflict or settled error)
//     updates -> confirmed                          (dense, or it subscribes again)

import { randomClient } from './connection.mjs';
import { apply } from './effect.mjs';
import { deferred, within } from './within.mjs';
import WebSocket from 'ws';

export class Client {
  constructor({ channel, client = randomClient() }) {
    this.channel = channel;
    this.id = client;
    /** key -> { value, version } */
    this.confirmed = new Map();
    this.cursor = null;
    this.head = null;
    this.n = 0;
    this.done = 0;
    /** n -> op, in order: submitted and without a verdict. */
    this.pending = new Map();
    /** n -> the verdict. */
    this.verdicts = new Map();
    /** How often a verdict came for an op that had been sent before and was not heard of. */
    this.duplicates = 0;
    /** What must never happen, as sentences. */
    this.violations = [];
    this.modes = [];
    /** How many spans of records came. */
    this.spans = 0;
    this.live = false;
    this.changed = () => {};
    this.onUpdate = () => {};
    this.onVerdict = () => {};
  }

  /** The confirmed value with the own pending ops on top. */
  view(key) {
    let value = this.confirmed.get(key)?.value;
    for (const op of this.pending.values()) {
      for (const change of op.ops ?? [op]) if (change.key === key) value = apply(value, change);
    }
    return value;
  }

  /** The confirmed records as a plain object. */
  state() {
    return Object.fromEntries([...this.confirmed].sort().map(([key, { value }]) => [key, value]));
  }

  /** Connects, resumes from the cursor and resends; resolves when the live feed runs. */
  connect(port) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, 'syncline.v1', {
      perMessageDeflate: false,
    });
    this.socket = socket;
    this.live = false;
    const live = deferred();
    this.#becameLive = live.resolve;
    socket.on('open', () => this.#send({ type: 'hello', protocol: 1, client: this.id, id: 'hello' }));
    socket.on('message', (data) => {
      if (this.socket === socket) this.#take(JSON.parse(data));
    });
    socket.on('error', (error) => live.reject(error));
    socket.on('close', (code) => {
      if (this.socket === socket) this.live = false;
      live.reject(new Error(`closed with ${code} before it was live`));
    });
    live.promise.catch(() => {});
    return live.promise;
  }

  disconnect() {
    const socket = this.socket;
    this.socket = null;
    this.live = false;
    socket?.terminate();
  }

  /** Numbers an op, keeps it until its verdict and sends it when there is a connection. */
  submit(change) {
    const op = { type: 'op', channel: this.channel, n: ++this.n, ...change };
    this.pending.set(op.n, op);
    if (this.live) this.#sendOp(op);
    return op.n;
  }

  /** The same for an atomic batch. */
  submitBatch(...ops) {
    return this.submit({ type: 'batch', atomic: true, ops });
  }

  /** Resolves when nothing is pending. */
  allSettled() {
    return this.until(() => this.pending.size === 0,
      () => `the verdicts of ${[...this.pending.keys()].slice(0, 5)}… in ${this.channel}`);
  }

  /** Resolves when the confirmed view has reached `seq`. */
  reached(seq) {
    return this.until(() => this.cursor !== null && this.cursor.seq >= seq,
      () => `seq ${seq}; at ${this.cursor?.seq}`);
  }

  until(condition, what) {
    if (condition()) return Promise.resolve();
    const done = deferred();
    const before = this.changed;
    this.changed = () => {
      before();
      if (!condition()) return;
      this.changed = before;
      done.resolve();
    };
    return within(done.promise, what);
  }

  #becameLive = () => {};
  #sentOn = new Map();
  #snapshot = null;
  #span = null;

  #send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  // Once per connection: a resync does not lose what was sent on it.
  #sendOp(op) {
    if (this.#sentOn.get(op.n) === this.socket) return;
    this.#sentOn.set(op.n, this.socket);
    this.#send({ ...op, id: op.n, done: this.done });
  }

  #subscribe() {
    this.live = false;
    this.#snapshot = null;
    this.#send({
      type: 'subscribe', id: 'subscribe', channel: this.channel, done: this.done,
      ...(this.cursor && { cursor: this.cursor }),
    });
  }

  #take(message) {
    switch (message.type) {
      case 'welcome':
        this.origin = message.origin;
        this.#subscribe();
        break;
      case 'subscribed':
        this.modes.push(message.mode);
        this.epoch = message.epoch;
        this.#snapshot = null;
        this.live = false;
        if (message.high > this.n) this.violations.push(`high ${message.high} beyond n ${this.n}`);
        break;
      case 'snapshot':
        this.#takeSnapshot(message);
        break;
      case 'records':
        this.#takeRecords(message);
        break;
      case 'updates':
        for (const update of message.updates) this.#takeUpdate(update);
        break;
      case 'update':
        this.#takeUpdate(message);
        break;
      case 'live':
        this.#takeLive(message);
        break;
      case 'ack':
      case 'conflict':
      case 'error':
        this.#takeVerdict(message);
        break;
      case 'acks':
        for (const result of message.results) this.#takeVerdict(result);
        break;
      default:
        break;
    }
    this.changed();
  }

  #takeVerdict(message) {
    if (message.settled) this.#settle(message);
    else this.onError?.(message);
  }

  #takeSnapshot(message) {
    this.#snapshot ??= new Map();
    for (const record of message.records) this.#snapshot.set(record.key, record);
    if (message.more) return;
    this.confirmed = new Map([...this.#snapshot]
      .map(([key, { value, version }]) => [key, { value, version }]));
    this.cursor = { epoch: message.epoch, seq: message.seq, sum: message.sum };
    this.#snapshot = null;
  }

  /** Absolute values for a span, taken over together. */
  #takeRecords(message) {
    if (message.from !== this.cursor.seq + 1) {
      this.violations.push(`records from ${message.from} behind ${this.cursor.seq}`);
    }
    this.#span ??= [];
    this.#span.push(...message.records);
    if (message.more) return;
    for (const { key, value, version, deleted } of this.#span) {
      if (deleted) this.confirmed.delete(key);
      else this.confirmed.set(key, { value, version });
    }
    this.#span = null;
    this.spans += 1;
    this.cursor = { epoch: this.epoch, seq: message.seq, sum: message.sum };
  }

  #takeUpdate(update) {
    const expected = (this.cursor?.seq ?? 0) + 1;
    if (update.seq !== expected) {
      this.violations.push(`update ${update.seq} where ${expected} was due (${this.modes.at(-1)})`);
    }
    for (const effect of update.ops ?? [update]) {
      const value = apply(this.confirmed.get(effect.key)?.value, effect);
      if (value === undefined) this.confirmed.delete(effect.key);
      else this.confirmed.set(effect.key, { value, version: effect.version });
    }
    this.cursor = { epoch: this.epoch, seq: update.seq, sum: update.sum };
    this.onUpdate(update);
  }

  #takeLive(message) {
    if (this.cursor !== null && message.seq !== this.cursor.seq) {
      this.violations.push(`live at ${message.seq}, but the data ended at ${this.cursor.seq}`);
    }
    this.cursor = { epoch: this.epoch, seq: message.seq, sum: message.sum };
    this.live = true;
    for (const op of this.pending.values()) this.#sendOp(op);
    this.#becameLive();
  }

  #settle(verdict) {
    const duplicate = verdict.duplicate === true || verdict.outcome === 'duplicate';
    if (duplicate) ++this.duplicates;
    if (!this.pending.delete(verdict.n)) {
      this.violations.push(`a second verdict for ${verdict.n}: ${JSON.stringify(verdict)}`);
      return;
    }
    this.#sentOn.delete(verdict.n);
    this.verdicts.set(verdict.n, verdict);
    while (this.verdicts.has(this.done + 1)) ++this.done;
    this.onVerdict(verdict);
  }
}

// SPDX-License-Identifier: Apache-2.0
// A stream of events of the npm package `eventsource`, with what came in as a list.

import { EventSource } from 'eventsource';

import { matches } from './connection.mjs';
import { deferred, within } from './within.mjs';

export class Events {
  /** `query`: the channels and what else belongs into the URL. Options: `port`, `headers`. */
  constructor(server, query, { port = server.port, headers = {} } = {}) {
    /** Every message that came, in order, as { message, id }. */
    this.all = [];
    this.taken = 0;
    this.waiting = new Set();
    this.opened = 0;
    const url = `http://127.0.0.1:${port}/api/realtime/events?${new URLSearchParams(query)}`;
    this.source = new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
    });
    this.source.onmessage = ({ data, lastEventId }) => {
      this.all.push({ message: JSON.parse(data), id: lastEventId });
      this.#look();
    };
    this.source.addEventListener('close', ({ data }) => {
      this.closed = JSON.parse(data);
      this.#look();
    });
    this.source.onopen = () => { ++this.opened; };
    this.source.onerror = (event) => {
      this.error = event;
      this.#look();
    };
  }

  get messages() { return this.all.map(({ message }) => message); }

  /** The first message that matches and has not been taken; those before it are passed over. */
  next(pattern) {
    return this.until(() => {
      for (let at = this.taken; at < this.all.length; ++at) {
        if (!matches(pattern, this.all[at].message)) continue;
        this.taken = at + 1;
        return this.all[at].message;
      }
      return undefined;
    }, () => `an event like ${JSON.stringify(pattern)}`);
  }

  /** Waits until `attempt` answers something. */
  until(attempt, what) {
    const found = deferred();
    const look = () => {
      const answer = attempt();
      if (answer === undefined) return;
      this.waiting.delete(look);
      found.resolve(answer);
    };
    this.waiting.add(look);
    look();
    return within(found.promise, () => `${what()} in ${JSON.stringify(this.messages).slice(0, 2000)}`);
  }

  close() { this.source.close(); }

  #look() { for (const look of [...this.waiting]) look(); }
}

/** What a client makes of messages, whatever brought them: channel -> { records, seq, epoch }. */
export class View {
  constructor() { this.channels = new Map(); this.violations = []; }

  take(message) {
    const one = this.channels.get(message.channel) ?? { records: {}, seq: null };
    if (message.type === 'snapshot') this.#takeSnapshot(one, message);
    if (message.type === 'updates') for (const update of message.updates) this.#takeUpdate(one, update);
    if (message.type === 'update') this.#takeUpdate(one, message);
    if (message.type === 'live' && one.seq !== message.seq) {
      this.violations.push(`live at ${message.seq} after ${one.seq}`);
    }
    this.channels.set(message.channel, one);
    return this;
  }

  #takeSnapshot(one, message) {
    one.chunks = [...(one.chunks ?? []), ...message.records];
    if (message.more) return;
    one.records = Object.fromEntries(one.chunks.map(({ key, value }) => [key, value]));
    one.seq = message.seq;
    delete one.chunks;
  }

  #takeUpdate(one, update) {
    if (one.seq !== null && update.seq !== one.seq + 1) {
      this.violations.push(`update ${update.seq} after ${one.seq}`);
    }
    one.seq = update.seq;
    one.records = applied(one.records, update);
  }
}

function applied(records, { kind, key, value, path, by }) {
  const next = structuredClone(records);
  if (kind === 'delete') delete next[key];
  if (kind === 'set') next[key] = value;
  if (kind === 'merge') next[key] = { ...next[key], ...value };
  if (kind === 'increment') {
    const name = path.slice(1);
    next[key] = { ...next[key], [name]: (next[key]?.[name] ?? 0) + by };
  }
  return next;
}

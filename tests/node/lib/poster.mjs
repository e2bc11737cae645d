// SPDX-License-Identifier: Apache-2.0
// A client that has no WebSocket: it adds to a record by POST, a few ops a request, and sends again
// what it does not know the verdict of.

import { randomClient } from './connection.mjs';

const OPS_PER_REQUEST = 5;

export class Poster {
  constructor(channel, key) {
    this.channel = channel;
    this.key = key;
    this.client = randomClient();
    this.n = 0;
    /** n -> op: without a verdict. */
    this.pending = new Map();
    this.acked = 0;
    /** What must never happen, as sentences. */
    this.violations = [];
  }

  #fill() {
    while (this.pending.size < OPS_PER_REQUEST) {
      const n = ++this.n;
      this.pending.set(n, {
        type: 'op', id: n, channel: this.channel, key: this.key, n, kind: 'increment', path: '/count', by: 1,
      });
    }
  }

  /** One request with all that is pending: the response, or null if there is no server any more. */
  async #post(server) {
    const body = JSON.stringify({ client: this.client, messages: [...this.pending.values()] });
    try {
      const response = await server.fetch('/api/realtime', {
        method: 'POST', body, headers: { 'Content-Type': 'application/json' },
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    } catch {
      return null;
    }
  }

  #take({ replies }) {
    for (const reply of replies) {
      if (reply.type === 'ack' && this.pending.delete(reply.n)) ++this.acked;
      else if (reply.settled !== false || reply.code !== 1502) {
        this.violations.push(JSON.stringify(reply));
      }
    }
  }

  /** Posts until the server sends it away: its answer, or null if it was gone. */
  async postUntilSentAway(server) {
    for (;;) {
      this.#fill();
      const answer = await this.#post(server);
      if (answer?.status !== 200) return answer;
      this.#take(answer.body);
    }
  }

  /** Resends what is pending, and nothing else. */
  async settle(server) {
    if (this.pending.size === 0) return;
    const answer = await this.#post(server);
    if (answer?.status !== 200) this.violations.push(`${answer?.status} ${JSON.stringify(answer?.body)}`);
    else this.#take(answer.body);
    if (this.pending.size > 0) this.violations.push(`${this.pending.size} ops without a verdict`);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Replays the examples of a document: blocks of the language `session`, one conversation from top
// to bottom.
//
//     ann> {"type":"ping","id":1}                    ann sends; her connection opens by itself
//     ann< {"type":"pong","re":1,"time":"…"}         what she gets, with all of its members
//     ann ben< {"type":"live",…}                     both get it
//     ann< close 4504                                the server closes her connection
//     SIGTERM                                        the server is asked to stop
//
// "…" stands for any value. "<name>" stands for one that the server chose: the first message that
// has it gives it its value, which it keeps. A line that begins with a space goes on with the one
// before. At the end of a block nothing else may have come for anybody.

import assert from 'node:assert/strict';

import { Connection } from '../node/lib/connection.mjs';

const ANY = '…';
const placeholder = (value) => typeof value === 'string' && /^<[\w-]+>$/.test(value);

function whatHappens(direction, text, place) {
  const close = /^close (\d+)$/.exec(text);
  if (close) return { closes: Number(close[1]) };
  const sends = direction === '>';
  try {
    return { sends, message: JSON.parse(text) };
  } catch (error) {
    // What a client sends may be wrong on purpose.
    if (sends) return { sends, message: text };
    throw new Error(`${place}: ${error.message}`);
  }
}

/** The steps of a block: { place, who, sends, message }, { place, who, closes } or { place, stops }. */
export function stepsOf(document, block) {
  const logical = [];
  for (const [i, line] of block.lines.entries()) {
    if (line.startsWith(' ')) logical.at(-1).text += line.trim();
    else if (line.trim() !== '') logical.push({ text: line, place: `${document}:${block.firstLine + i}` });
  }
  return logical.flatMap(({ text, place }) => {
    if (text === 'SIGTERM') return [{ place, stops: true }];
    const [, names, direction, rest] = /^([\w ]+)([<>]) (.*)$/.exec(text)
      ?? assert.fail(`${place}: no step: ${text}`);
    return names.split(' ').map((who) => ({ place, who, ...whatHappens(direction, rest, place) }));
  });
}

/** Holds a message against its example. Answers the names that it gives a value, or null. */
export function agree(expected, actual, known, found = {}) {
  if (expected === ANY) return actual === undefined ? null : found;
  if (placeholder(expected)) {
    const value = known[expected] ?? found[expected];
    if (value === undefined && actual !== undefined) return { ...found, [expected]: actual };
    return Object.is(value, actual) ? found : null;
  }
  if (expected === null || typeof expected !== 'object') {
    return Object.is(expected, actual) ? found : null;
  }
  if (actual === null || typeof actual !== 'object') return null;
  if (Array.isArray(expected) !== Array.isArray(actual)) return null;
  if (Object.keys(expected).length !== Object.keys(actual).length) return null;
  for (const [name, part] of Object.entries(expected)) {
    found = agree(part, actual[name], known, found);
    if (found === null) return null;
  }
  return found;
}

const filledIn = (message, known) => JSON.parse(JSON.stringify(message),
  (_, value) => (placeholder(value) ? known[value] ?? value : value));

export class Conversation {
  constructor(server) {
    this.server = server;
    this.known = {};
    this.people = new Map();
  }

  async replay(steps) {
    for (const step of steps) {
      try {
        await this.#step(step);
      } catch (error) {
        error.message = `${step.place}: ${error.message}`;
        throw error;
      }
    }
    for (const [who, connection] of this.people) {
      if (connection.ended || !connection.open) continue;
      assert.deepEqual(await connection.settled(), [],
        `${steps[0].place}: not shown, but ${who} gets it`);
    }
  }

  async #step({ who, sends, closes, stops, message }) {
    if (stops) {
      this.server.kill('SIGTERM');
      return;
    }
    // Whose connection is to end may have seen its end already.
    if (!closes && (!this.people.has(who) || this.people.get(who).ended)) {
      this.people.set(who, await Connection.open(this.server));
    }
    const connection = this.people.get(who);
    if (closes) {
      assert.equal((await connection.end()).code, closes);
    } else if (sends) {
      connection.send(typeof message === 'string' ? message : filledIn(message, this.known));
    } else {
      let found;
      await connection.next((actual) => {
        found = agree(message, actual, this.known);
        return found !== null;
      });
      Object.assign(this.known, found);
      if (message.type === 'welcome') connection.open = true;
    }
  }

  end() {
    for (const connection of this.people.values()) connection.socket.terminate();
  }
}

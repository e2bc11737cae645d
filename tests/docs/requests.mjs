// SPDX-License-Identifier: Apache-2.0
// Replays the examples of a document: blocks of the language `http`, requests and their answers.
//
//     > POST /api/realtime                           a request
//     > Syncline-Client: 8f14…                       its headers
//     > {"client":"…"}                               its body, sent as JSON
//     < 200                                          the status
//     < ETag: <tag>                                  headers that the answer has among others
//     < {"replies":[],…}                             its body, with all of its members
//     < data: {"type":"live",…}                      or the events of a stream, in their order
//
// Values are written as in conversation.mjs, whose names these examples share. A line that begins with a
// space goes on with the one before.

import assert from 'node:assert/strict';

import { within } from '../node/lib/within.mjs';
import { agree } from './conversation.mjs';

/** The exchanges of a block: { place, method, target, headers, body, status, told, expected, events }. */
export function exchangesOf(document, block) {
  const logical = [];
  for (const [i, line] of block.lines.entries()) {
    if (line.startsWith(' ')) logical.at(-1).text += line.trim();
    else if (line.trim() !== '') logical.push({ text: line, place: `${document}:${block.firstLine + i}` });
  }
  const exchanges = [];
  for (const { text, place } of logical) {
    const request = /^> (GET|HEAD|POST|OPTIONS) (\S+)$/.exec(text);
    if (request) {
      exchanges.push({ place, method: request[1], target: request[2], headers: {}, told: {}, events: [] });
      continue;
    }
    const exchange = exchanges.at(-1) ?? assert.fail(`${place}: no request before`);
    const [, direction, rest] = /^([<>]) (.*)$/.exec(text) ?? assert.fail(`${place}: no step: ${text}`);
    take(exchange, direction, rest, place);
  }
  return exchanges;
}

function take(exchange, direction, rest, place) {
  const event = /^data: (.*)$/.exec(rest);
  const header = /^([\w-]+): (.*)$/.exec(rest);
  if (direction === '>' && rest.startsWith('{')) exchange.body = rest;
  else if (direction === '>') exchange.headers[header[1]] = header[2];
  else if (/^\d{3}$/.test(rest)) exchange.status = Number(rest);
  else if (rest.startsWith('{')) exchange.expected = JSON.parse(rest);
  else if (event) exchange.events.push(JSON.parse(event[1]));
  else if (header) exchange.told[header[1]] = header[2];
  else assert.fail(`${place}: no step: ${rest}`);
}

/** `<name>` by its value, in anything that is sent. */
const filledIn = (text, known) => text?.replaceAll(/<[\w-]+>/g, (name) => known[name] ?? name);

function hold(expected, actual, known, what) {
  const found = agree(expected, actual, known);
  assert.notEqual(found, null, `${what}: ${JSON.stringify(actual)}\nis not\n${JSON.stringify(expected)}`);
  Object.assign(known, found);
}

/** The first messages of a stream of events. */
async function firstEvents(response, count) {
  const messages = [];
  let text = '';
  for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
    text += bytes;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block);
      if (data) messages.push(JSON.parse(data[1]));
      if (messages.length === count) return messages;
    }
  }
  return messages;
}

/** Makes the requests; `known` are the names of the document. */
export async function replayRequests(server, exchanges, known) {
  for (const { place, method, target, headers, body, status, told, expected, events } of exchanges) {
    const ended = new AbortController();
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, filledIn(value, known)]));
    const response = await server.fetch(filledIn(target, known), {
      method, signal: ended.signal, body: filledIn(body, known),
      headers: { ...(body && { 'Content-Type': 'application/json' }), ...filled },
    });
    assert.equal(response.status, status, `${place}: ${response.status === status || await response.text()}`);
    for (const [name, value] of Object.entries(told)) hold(value, response.headers.get(name), known, place);
    if (events.length > 0) {
      const came = await within(firstEvents(response, events.length), `${place}: its events`);
      for (const [i, event] of events.entries()) hold(event, came[i], known, place);
      ended.abort();
    } else {
      const text = await response.text();
      if (expected) hold(expected, JSON.parse(text), known, place);
      else assert.equal(text, '', place);
    }
  }
}

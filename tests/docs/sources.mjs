// SPDX-License-Identifier: Apache-2.0
// What the sources say that the server can say: its messages, its errors, its close codes.

import fs from 'node:fs';
import path from 'node:path';

import { source } from '../node/lib/build.mjs';

const textOf = (file) => fs.readFileSync(path.join(source, file), 'utf8');

/** Every file below a folder whose name ends so. */
export function filesBelow(folder, ending) {
  return fs.readdirSync(path.join(source, folder), { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => path.join(source, folder, file));
}

const sourcesBelow = (folder) => filesBelow(folder, '.cpp').map((file) => fs.readFileSync(file, 'utf8')).join('\n');

/** Name -> number of each error. */
export function errorCodes() {
  return new Map([...textOf('host/core/error.h').matchAll(/^ +(\w+) = (1\d{3}),/gm)]
    .map(([, name, number]) => [name, Number(number)]));
}

/** Of the close codes those that the server `given`s, in order, and its own that it only has a name for. */
export function closeCodes() {
  const host = sourcesBelow('host');
  const own = [...textOf('host/session/transport.h').matchAll(/^ +(\w+) = (4\d{3}),/gm)]
    .map(([, name, number]) => [Number(number), new RegExp(`CloseCode::${name}\\b`).test(host)]);
  // Of those of RFC 6455, what the frame codec ends with, and the answer to a close without a code.
  const registered = [...textOf('host/wire/frame.h').matchAll(/uint16_t (\w+) = (1\d{3});/g)]
    .map(([, name, number]) => [Number(number), new RegExp(`(fail\\(|[?] wire::)close_code::${name}\\b`).test(host)]);
  return {
    given: [...registered, ...own].filter(([, isGiven]) => isGiven).map(([number]) => number),
    reserved: own.filter(([, isGiven]) => !isGiven).map(([number]) => number),
  };
}

const matchesIn = (text, ...patterns) => patterns
  .flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name));

/** The types of the messages that clients send. */
export function clientMessages() {
  return new Set(matchesIn(sourcesBelow('plugins/messages'), /handler<\w+>\("(\w+)"\)/g));
}

/** The types of those that the server sends, with what stands in a list of results. */
export function serverMessages() {
  return new Set([
    ...matchesIn(sourcesBelow('plugins/messages'), /\.reply\("(\w+)"/g, /\.to(?:Channel|User)\([^;]*?, "(\w+)"/g),
    ...matchesIn(sourcesBelow('host'), /openMessage\(\w+, "(\w+)"/g, /appendReplyHead\(\w+, "(\w+)"/g),
    // Their types are chosen by name.
    ...matchesIn(textOf('host/channel/presence_board.cpp'), /return "(\w+)";/g),
  ]);
}

// SPDX-License-Identifier: Apache-2.0
// Requests of the program `curl`.

import { spawn } from 'node:child_process';

import { deferred, within } from './within.mjs';

/**
 * One request: { status, headers, text, body }, `body` being the JSON if it is some. Options:
 * `method`, `headers`, `json` (a value to send), `data` (text to send), `more` (further arguments).
 */
export async function curl(url, { method, headers = {}, json, data, more = [] } = {}) {
  const words = ['--silent', '--show-error', '--include', '--path-as-is', '--max-time', '60'];
  if (method === 'HEAD') words.push('--head');
  else if (method) words.push('--request', method);
  if (json !== undefined) words.push('--header', 'Content-Type: application/json');
  for (const [name, value] of Object.entries(headers)) words.push('--header', `${name}: ${value}`);
  const sent = json !== undefined ? JSON.stringify(json) : data;
  if (sent !== undefined) words.push('--header', 'Expect:', '--data-binary', '@-');
  const child = spawn('curl', [...words, ...more, url]);
  const done = deferred();
  let out = '';
  let trouble = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { trouble += text; });
  child.on('error', done.reject);
  child.on('close', (code) => (code === 0 ? done.resolve() : done.reject(new Error(`curl: ${trouble}`))));
  child.stdin.on('error', () => {});
  child.stdin.end(sent ?? '');
  await within(done.promise, `curl ${url}`);
  return answerIn(out);
}

function answerIn(out) {
  const end = out.indexOf('\r\n\r\n');
  const [first, ...lines] = out.slice(0, end).split('\r\n');
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const text = out.slice(end + 4);
  const isJson = headers.get('content-type') === 'application/json' && text !== '';
  return {
    status: Number(first.split(' ')[1]), headers, text, body: isJson ? JSON.parse(text) : undefined,
  };
}

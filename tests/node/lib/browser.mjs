// SPDX-License-Identifier: Apache-2.0
// Chromium without a window, over its DevTools protocol.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import WebSocket from 'ws';

import { programFile } from './program.mjs';
import { deferred, within } from './within.mjs';

const KEYS = { Enter: 13, Tab: 9, ' ': 32, ArrowDown: 40 };

/** Starts a browser that goes away with the test; answers a function that opens a page. */
export async function startBrowser(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'syncline-browser-'));
  const child = spawn(programFile('chromium') ?? 'chromium-headless-shell', [
    '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-port=0',
    `--user-data-dir=${folder}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  // It is many processes, which are a group of their own.
  t.after(async () => {
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    child.stderr.destroy();
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  const address = deferred();
  child.once('error', address.reject);
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text) => {
    said += text;
    const match = /DevTools listening on (ws:\S+)/.exec(said);
    if (match) address.resolve(match[1]);
  });
  const url = await within(address.promise, () => `the browser's address in ${said}`);
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await within(new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  }), 'a connection to the browser');
  t.after(() => socket.terminate());
  const protocol = new Protocol(socket);
  return async () => {
    const { targetId } = await protocol.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await protocol.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(protocol, sessionId);
    await page.send('Page.enable');
    await page.send('Runtime.enable');
    await page.send('Log.enable');
    return page;
  };
}

/** Commands and events of the protocol, over one socket. */
class Protocol {
  #lastId = 0;
  #asked = new Map();
  #listeners = new Map();

  constructor(socket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (message.id === undefined) {
        this.#listeners.get(message.sessionId)?.(message.method, message.params);
        return;
      }
      const asked = this.#asked.get(message.id);
      this.#asked.delete(message.id);
      if (message.error) asked.reject(new Error(`${asked.method}: ${message.error.message}`));
      else asked.resolve(message.result);
    });
  }

  listen(sessionId, listener) { this.#listeners.set(sessionId, listener); }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#lastId;
    const asked = { ...deferred(), method };
    this.#asked.set(id, asked);
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    return within(asked.promise, method);
  }
}

/** One tab. `complaints` is what it wrote of errors, and what its console got as such. */
export class Page {
  complaints = [];
  #loaded = null;

  constructor(protocol, sessionId) {
    this.protocol = protocol;
    this.sessionId = sessionId;
    protocol.listen(sessionId, (method, params) => this.#take(method, params));
  }

  #take(method, params) {
    if (method === 'Page.loadEventFired') this.#loaded?.resolve();
    if (method === 'Runtime.exceptionThrown') {
      this.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    }
    if (method === 'Log.entryAdded' && params.entry.level === 'error') {
      this.complaints.push(`${params.entry.text} ${params.entry.url ?? ''}`);
    }
    if (method === 'Runtime.consoleAPICalled') {
      this.onConsole?.(params.args.map((arg) => arg.value ?? arg.description).join(' '));
    }
  }

  send(method, params) { return this.protocol.send(method, params, this.sessionId); }

  async open(url) {
    this.#loaded = deferred();
    const { errorText } = await this.send('Page.navigate', { url });
    assert.equal(errorText, undefined, `${url}: ${errorText}`);
    await within(this.#loaded.promise, `${url} to be loaded`);
  }

  /** The value of an expression, or of what it promises. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true, userGesture: true });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Waits until an expression is true, looked at as often as the page is drawn. */
  until(expression) {
    return within(this.evaluate(`new Promise((resolve) => {
      const look = () => ((${expression}) ? resolve(true) : setTimeout(look, 20));
      look();
    })`), expression);
  }

  /** Presses one key, with what it does. */
  async press(key) {
    const event = { key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: KEYS[key] };
    const text = { Enter: '\r', ' ': ' ' }[key];
    await this.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...event, text });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** Types where the focus is. */
  type(text) { return this.send('Input.insertText', { text }); }

  async look({ width, height = 900, dark = false }) {
    await this.send('Emulation.setDeviceMetricsOverride',
      { width, height, deviceScaleFactor: 1, mobile: false });
    await this.send('Emulation.setEmulatedMedia',
      { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
  }

  /** The whole page, as PNG. */
  async screenshot() {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(data, 'base64');
  }
}

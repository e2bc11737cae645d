// SPDX-License-Identifier: Apache-2.0
// The proxies of docs/operations.md, as they stand there, in front of the server: TLS, WebSocket, POST, events.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';

import { Connection, randomClient } from '../node/lib/connection.mjs';
import { programFile } from '../node/lib/program.mjs';
import { startServer, temporaryFolder } from '../node/lib/server.mjs';
import { within } from '../node/lib/within.mjs';
import { fencedBlocks } from './markdown.mjs';

const shown = (info) => fencedBlocks('docs/operations.md')
  .find((block) => block.info === info).lines.join('\n');

/** Replaces what stands there once; a document that changed is noticed. */
function put(text, ...replacements) {
  for (const [old, replacement] of replacements) {
    assert.equal(text.split(old).length, 2, `${old} in\n${text}`);
    text = text.replace(old, replacement);
  }
  return text;
}

function certificate(folder) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
  return { key, cert, ca: fs.readFileSync(cert) };
}

const freePort = () => new Promise((resolve) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

/** How each proxy is started: its command, with the configuration of the document in a file. */
const PROXIES = {
  nginx(folder, port, upstream, { key, cert }) {
    const file = path.join(folder, 'nginx.conf');
    const site = put(shown('nginx'), ['server 127.0.0.1:8080;', `server 127.0.0.1:${upstream};`],
      ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
      ['/etc/ssl/private/sync.example.pem', cert], ['/etc/ssl/private/sync.example.key', key]);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
    fs.writeFileSync(file, `daemon off; pid ${folder}/nginx.pid; worker_processes 1;
      events { worker_connections 256; }
      http { access_log off; ${temporary}\n${site}\n}`);
    return ['nginx', '-p', folder, '-e', 'stderr', '-c', file];
  },
  caddy(folder, port, upstream, { key, cert }) {
    const file = path.join(folder, 'Caddyfile');
    const site = put(shown('caddy'), ['127.0.0.1:8080', `127.0.0.1:${upstream}`],
      ['sync.example {', `https://127.0.0.1:${port} {\ntls ${cert} ${key}`]);
    fs.writeFileSync(file, `{\nadmin off\nauto_https off\n}\n${site}\n`);
    return ['caddy', 'run', '--adapter', 'caddyfile', '--config', file];
  },
};

/** Answers the proxy's port once something listens there. */
async function startProxy(t, name, upstream, files) {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const [program, ...commandLine] = PROXIES[name](folder, port, upstream, files);
  const child = spawn(programFile(program) ?? program, commandLine,
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: folder } });
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  t.after(async () => { child.kill('SIGTERM'); await ended; });
  const connects = async () => {
    for (;;) {
      assert.equal(child.exitCode, null, said);
      const socket = net.connect(port, '127.0.0.1');
      const open = await new Promise((resolve) => {
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      });
      socket.destroy();
      if (open) return;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  };
  await within(connects(), () => `${name} to listen: ${said}`);
  return port;
}

/** A request over TLS: the response, as it begins. */
function request(port, ca, target, { body, ...options } = {}) {
  return within(new Promise((resolve, reject) => {
    const asked = https.request({ host: '127.0.0.1', port, ca, path: target, agent: false, ...options }, resolve);
    asked.once('error', reject);
    asked.end(body);
  }), target);
}

async function json(response) {
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, body: JSON.parse(text) };
}

for (const name of Object.keys(PROXIES)) {
  describe(name, () => {
    test('WebSockets, requests and events go through it, each at once', async (t) => {
      const server = await startServer(t);
      const files = certificate(temporaryFolder(t));
      const port = await startProxy(t, name, server.port, files);
      const { ca } = files;

      // A page of the proxy's own host is of the same origin.
      const connect = (origin) =>
        Connection.open(server, { url: `wss://127.0.0.1:${port}/ws`, ca, origin });
      const one = await connect(`https://127.0.0.1:${port}`);
      const client = randomClient();
      assert.equal((await one.request({ type: 'hello', protocol: 1, client })).type, 'welcome');
      await one.request({ type: 'subscribe', channel: 'c' });
      await one.next({ type: 'live' });

      const events = await request(port, ca, '/api/realtime/events?channel=c',
        { headers: { 'Syncline-Client': randomClient() } });
      assert.equal(events.statusCode, 200);
      let text = '';
      let look = () => {};
      events.on('data', (part) => { text += part; look(); });
      const told = (words) => within(new Promise((resolve) => {
        look = () => { if (text.includes(words)) resolve(); };
        look();
      }), () => `${words} among the events; got ${text}`);
      await told('"type":"live"');

      const posted = await json(await request(port, ca, '/api/realtime', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          client: randomClient(),
          messages: [{ type: 'op', id: 1, channel: 'c', n: 1, key: 'k', kind: 'set', value: 'posted' }],
        }),
      }));
      assert.equal(posted.status, 200);
      assert.equal(posted.body.replies[0].type, 'ack');
      await one.next({ type: 'update', value: 'posted' });
      await told('"value":"posted"');

      await assert.rejects(connect('https://evil.example'), /403/);
      assert.equal((await json(await request(port, ca, '/readyz'))).status, 200);
      events.destroy();
      await one.close();
    });
  });
}

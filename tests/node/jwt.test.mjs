// SPDX-License-Identifier: Apache-2.0
// Tokens of another make (npm `jose`) open, renew and end sessions; keys change under a running
// server.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import WebSocket from 'ws';

import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';
import { deferred, within } from './lib/within.mjs';

const ISSUER = 'https://id.example';
const OTHER_ISSUER = 'https://other.example';
const AUDIENCE = 'sync';
const APP = 'https://app.example';

const folder = temporaryFolder({ after });
const secret = crypto.randomBytes(32).toString('hex');

/** { alg, kid, privateKey, jwk } */
async function newKey(alg, kid) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...await exportJWK(publicKey), alg, kid, use: 'sig' } };
}

const keys = await Promise.all(
  [['RS256', 'r1'], ['ES256', 'e1'], ['ES384', 'e3'], ['ES512', 'e5'], ['EdDSA', 'd1']]
    .map(([alg, kid]) => newKey(alg, kid)));
const [, ecKey] = keys;
const otherKey = await newKey('ES256', 'o1');
const shared = { alg: 'HS256', privateKey: new TextEncoder().encode(secret) };

/** Replaces a file in one step, as whoever rotates keys should. */
function writeSet(file, list) {
  const text = typeof list === 'string' ? list : JSON.stringify({ keys: list.map(({ jwk }) => jwk) });
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
}

const fileOf = (name) => path.join(folder, name);
writeSet(fileOf('keys.json'), keys);
writeSet(fileOf('other.json'), [otherKey]);
writeSet(fileOf('turning.json'), [ecKey]);
fs.writeFileSync(fileOf('secret'), `${secret}\n`);

const server = await startServer({ after }, {
  folder,
  config: {
    auth: {
      people: {
        use: 'jwt',
        with: {
          issuer: ISSUER, audience: AUDIENCE, keys: fileOf('keys.json'), leeway: '0s',
          secret: { file: 'secret' },
          roles: { claim: '/realm/groups', names: { 'grp-1': 'editor' }, add: ['member'] },
          claims: { tenant: 'tenant_id' },
        },
      },
      partners: {
        use: 'jwt',
        with: {
          issuer: OTHER_ISSUER, keys: fileOf('other.json'), leeway: '0s',
          user: { claim: 'email', prefix: 'partner:' },
        },
      },
      turning: {
        use: 'jwt',
        with: {
          issuer: ISSUER, audience: AUDIENCE, keys: fileOf('turning.json'), leeway: '0s', reload: '100ms',
        },
      },
      visitors: { use: 'anonymous' },
    },
    listeners: {
      public: {
        bind: '127.0.0.1:0', auth: ['people', 'partners', 'visitors'], origins: [APP],
        cookie: '__Host-token',
      },
      turning: { bind: '127.0.0.1:0', auth: ['turning'] },
    },
    pipelines: {
      default: [{
        use: 'acl',
        with: {
          rules: [
            { role: 'editor', channel: 'doc', allow: ['read', 'write'] },
            { claims: { tenant: 7 }, channel: 'tenant', allow: ['read', 'write'] },
            { role: 'member', channel: '*', allow: ['read'] },
          ],
        },
      }],
    },
  },
});
const at = (listener) => ({ port: server.ports.get(listener) });

/** A token of `jose`; `seconds` is how long it counts. */
function issue(key, { user = 'ann', seconds = 3600, issuer = ISSUER, ...claims } = {}) {
  const header = { alg: key.alg, ...(key.kid && { kid: key.kid }) };
  return new SignJWT(claims).setProtectedHeader(header).setSubject(user).setIssuer(issuer)
    .setAudience(AUDIENCE).setIssuedAt().setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(key.privateKey);
}

const hello = async (target, { token, ...options } = {}) => {
  const connection = await Connection.open(target, options);
  return connection.request(
    { type: 'hello', protocol: 1, client: randomClient(), ...(token && { token }) });
};

/** The HTTP status with which an upgrade is refused. */
function refusedUpgrade(listener, { path: target = '/ws', headers }) {
  const refused = deferred();
  const socket = new WebSocket(`ws://127.0.0.1:${server.ports.get(listener)}${target}`, { headers });
  socket.on('open', () => refused.reject(new Error('it was upgraded')));
  socket.on('error', () => {});
  socket.on('unexpected-response', (request, response) => {
    refused.resolve(response.statusCode);
    request.destroy();
  });
  return within(refused.promise, 'a refused upgrade');
}

describe('a token', () => {
  for (const key of [...keys, shared]) {
    test(`of ${key.alg} opens a session in hello and in the header`, async () => {
      const token = await issue(key);
      assert.equal((await hello(server, { token })).user, 'ann');
      assert.equal((await hello(server, { headers: { Authorization: `Bearer ${token}` } })).user, 'ann');
    });
  }

  test('in hello goes before the header: one that is bad is not made good by the other', async () => {
    const headers = { Authorization: `Bearer ${await issue(ecKey)}` };
    assert.equal((await hello(server, { token: 'nonsense', headers })).code, 1301);
    assert.equal((await hello(server, { token: await issue(ecKey, { user: 'ben' }), headers })).user, 'ben');
  });

  test('that is refused does not make its owner a visitor', async () => {
    const token = `${(await issue(ecKey)).slice(0, -4)}AAAA`;
    for (const options of [{ token }, { headers: { Authorization: `Bearer ${token}` } }]) {
      assert.equal((await hello(server, options)).code, 1301);
    }
    assert.match((await hello(server)).user, /^anon-/);
  });

  test('of another issuer is for the next provider, and its names do not meet', async () => {
    const token = await new SignJWT({ email: 'ann@other.example' })
      .setProtectedHeader({ alg: 'ES256', kid: 'o1' }).setIssuer(OTHER_ISSUER)
      .setExpirationTime('1h').sign(otherKey.privateKey);
    assert.equal((await hello(server, { token })).user, 'partner:ann@other.example');
    const pretended = await issue(otherKey, { issuer: ISSUER });
    assert.equal((await hello(server, { token: pretended })).code, 1301, 'the issuer decides, not the key');
  });

  test('says which roles and claims its session has', async () => {
    const op = (channel) => ({ type: 'op', channel, n: 1, key: 'k', kind: 'set', value: 1 });
    const writes = async (claims, channel) =>
      (await (await Connection.hello(server, { token: await issue(ecKey, claims) })).request(op(channel))).type;
    assert.equal(await writes({ realm: { groups: ['grp-1', 'grp-9'] } }, 'doc'), 'ack');
    assert.equal(await writes({ realm: { groups: ['grp-9', 'editor'] } }, 'doc'), 'error');
    assert.equal(await writes({ roles: ['editor'] }, 'doc'), 'error');
    assert.equal(await writes({ tenant_id: 7 }, 'tenant'), 'ack');
    assert.equal(await writes({ tenant_id: 8 }, 'tenant'), 'error');
  });
});

describe('a cookie', () => {
  const cookie = async (more = '') => `theme=dark; __Host-token=${await issue(ecKey)}${more}`;

  test('opens a session for pages of the server and of its list', async () => {
    for (const Origin of [server.http, APP]) {
      const headers = { Cookie: await cookie('; lang=de'), Origin };
      assert.equal((await hello(server, { headers })).user, 'ann', Origin);
    }
    const headers = { Cookie: await cookie(), 'Sec-Fetch-Site': 'same-origin' };
    assert.equal((await hello(server, { headers })).user, 'ann');
  });

  test('counts for nothing without an Origin, and a stranger gets no connection', async () => {
    assert.match((await hello(server, { headers: { Cookie: await cookie() } })).user, /^anon-/);
    const headers = { Cookie: await cookie(), Origin: 'https://evil.example' };
    assert.equal(await refusedUpgrade('public', { headers }), 403);
    const fetched = { Cookie: await cookie(), 'Sec-Fetch-Site': 'cross-site' };
    assert.match((await hello(server, { headers: fetched })).user, /^anon-/);
  });

  test('of another name is not looked at; one that is there twice is nobody\'s', async () => {
    const token = await issue(ecKey);
    const headers = { Cookie: `token=${token}; x__Host-token=${token}`, Origin: APP };
    assert.match((await hello(server, { headers })).user, /^anon-/);
    const twice = { Cookie: await cookie(`; __Host-token=${token}`), Origin: APP };
    assert.equal(await refusedUpgrade('public', { headers: twice }), 400);
  });

  test('that is bad does not make its owner a visitor', async () => {
    const headers = { Cookie: '__Host-token=nonsense', Origin: APP };
    assert.equal((await hello(server, { headers })).code, 1301);
  });
});

describe('a token in a URL', () => {
  test('is refused on every path, by every name, and is in no log', async () => {
    const token = await issue(ecKey);
    for (const query of [`token=${token}`, `access_token=${token}`, `a=b&Token=${token}`,
      `%74oken=${token}`, 'token', `id_token=${token}`]) {
      assert.equal(await refusedUpgrade('public', { path: `/ws?${query}` }), 400, query);
      // Each on a connection of its own: the server closes those that it refuses so.
      const { status, body } = await curl(`${server.http}/api/realtime?${query}`);
      assert.equal(status, 400, query);
      assert.match(body.reason, /a token in a URL/);
    }
    assert.ok(!server.output.includes(token.slice(0, 40)), server.output);
    assert.equal((await server.fetch('/api/realtime?tokens=1')).status, 200);
  });

  test('two Authorization headers are nobody\'s', async () => {
    const response = await new Promise((resolve) => {
      const socket = new WebSocket(server.ws, { headers: { Authorization: ['Bearer a', 'Bearer b'] } });
      socket.on('error', () => {});
      socket.on('unexpected-response', (request, answer) => { resolve(answer); request.destroy(); });
    });
    assert.equal(response.statusCode, 400);
  });
});

describe('a live session', () => {
  const auth = (token) => ({ type: 'auth', token });

  test('ends with its token, unless a newer one comes in time', async () => {
    const [left, renewed] = [await issue(ecKey, { seconds: 2 }), await issue(ecKey, { seconds: 3600 })];
    const [ann, ben, eve] = await Promise.all([1, 2, 3].map(() => Connection.hello(server, { token: left })));
    const authed = await ben.request(auth(renewed));
    assert.deepEqual({ ...authed, expiresAt: 0 }, { type: 'authed', re: 2, user: 'ann', expiresAt: 0 });
    assert.equal(authed.expiresAt,
      JSON.parse(Buffer.from(renewed.split('.')[1], 'base64url')).exp * 1000);
    await eve.request(auth(await issue(keys[0], { seconds: 3 })));
    assert.equal((await ann.end()).code, 4004);
    assert.equal((await eve.end()).code, 4004);
    assert.equal((await ben.request({ type: 'ping' })).type, 'pong');
  });

  test('keeps its user: another\'s token is 1304, a bad one 1301, and nothing changes', async () => {
    const ann = await Connection.hello(server, { token: await issue(ecKey, { seconds: 3 }) });
    const refused = await ann.request(auth(await issue(ecKey, { user: 'ben', realm: { groups: ['grp-1'] } })));
    assert.deepEqual([refused.code, refused.retry], [1304, false]);
    assert.equal((await ann.request(auth('nonsense'))).code, 1301);
    const over = await ann.request(auth(await issue(ecKey, { seconds: -10 })));
    assert.deepEqual([over.code, over.reason], [1302, 'the credentials were refused']);
    for (const token of [undefined, '', 7]) {
      assert.equal((await ann.request(auth(token))).code, 1102);
    }
    const op = { type: 'op', channel: 'doc', n: 1, key: 'k', kind: 'set', value: 1 };
    assert.equal((await ann.request(op)).code, 1303, 'not ben\'s roles');
    assert.equal((await ann.end()).code, 4004, 'when the first token ends');
  });

  test('has the roles of the newer token', async () => {
    const ann = await Connection.hello(server, { token: await issue(ecKey) });
    const op = (n) => ({ type: 'op', channel: 'doc', n, key: 'k2', kind: 'set', value: n });
    assert.equal((await ann.request(op(1))).code, 1303);
    await ann.request(auth(await issue(ecKey, { realm: { groups: ['grp-1'] } })));
    assert.equal((await ann.request(op(2))).type, 'ack');
    await ann.request(auth(await issue(ecKey)));
    assert.equal((await ann.request(op(3))).code, 1303);
  });

  test('renews by what it sends, not by the header that it began with', async () => {
    const headers = { Authorization: `Bearer ${await issue(ecKey)}` };
    const ann = await Connection.hello(server, { headers });
    assert.equal((await ann.request(auth('nonsense'))).code, 1301);
  });

  test('is needed first', async () => {
    const connection = await Connection.open(server);
    assert.equal((await connection.request(auth(await issue(ecKey)))).code, 1303);
  });

  test('of a visitor does not become a user\'s', async () => {
    const visitor = await Connection.hello(server);
    assert.equal((await visitor.request(auth(await issue(ecKey)))).code, 1304);
  });
});

test('keys come and go with their file; a bad one changes nothing', async () => {
  const file = fileOf('turning.json');
  const next = await newKey('ES256', 'e2');
  const shows = async (key) => (await hello(at('turning'), { token: await issue(key) })).user ?? 'refused';
  /** Looks are counted by time, so this asks again until the answer changes. */
  const until = async (key, wanted) => {
    while (await shows(key) !== wanted) await new Promise((resolve) => { setTimeout(resolve, 50); });
  };
  assert.equal(await shows(ecKey), 'ann');
  assert.equal(await shows(next), 'refused');
  writeSet(file, [ecKey, next]);
  await within(until(next, 'ann'), 'the new key');
  assert.equal(await shows(ecKey), 'ann');
  writeSet(file, [next]);
  await within(until(ecKey, 'refused'), 'the end of the old key');
  for (const bad of ['{"keys":[', '{"keys":[]}', '', '[]']) {
    const before = server.lines.filter((line) => /cannot be used, the keys stay/.test(line)).length;
    writeSet(file, bad);
    const told = { exec: () => server.lines.filter((line) => /cannot be used, the keys stay/.test(line))[before] };
    const asking = setInterval(() => shows(ecKey).catch(() => {}), 50);
    await server.line(told, `the log about ${bad}`).finally(() => clearInterval(asking));
    assert.equal(await shows(next), 'ann', bad);
  }
  writeSet(file, [ecKey]);
  await within(until(ecKey, 'ann'), 'the file to be good again');
});

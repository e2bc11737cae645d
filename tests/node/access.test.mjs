// SPDX-License-Identifier: Apache-2.0
// Who may speak and who may do what, over every route that there is.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, describe, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { startServer } from './lib/server.mjs';

const keyOf = (id) => `${id}.${crypto.randomBytes(32).toString('hex')}`;
const hashOf = (key) => `sha256:${crypto.createHash('sha256').update(key).digest('hex')}`;

const robotKey = keyOf('robot');
const oldKey = keyOf('old');
const shortKey = keyOf('short');
/** Long enough to say hello with, short enough to see the end of. */
const shortLifeMs = 1_500;

const server = await startServer({ after }, {
  config: {
    auth: {
      keys: {
        use: 'api_key',
        with: {
          keys: [
            { id: 'robot', hash: hashOf(robotKey), user: 'robot', roles: ['service'] },
            { id: 'old', hash: hashOf(oldKey), user: 'old', expires: '2001-01-01T00:00:00Z' },
            {
              id: 'short', hash: hashOf(shortKey), user: 'short',
              expires: new Date(Math.ceil((Date.now() + shortLifeMs) / 1000) * 1000)
                .toISOString().replace('.000', ''),
            },
          ],
        },
      },
      visitors: { use: 'anonymous' },
    },
    listeners: {
      public: { bind: '127.0.0.1:0', auth: ['keys', 'visitors'] },
      robots: { bind: '127.0.0.1:0', auth: ['keys'] },
    },
    pipelines: {
      default: [{
        use: 'acl',
        with: {
          rules: [
            { role: 'service', allow: ['read', 'write'] },
            { channel: 'news', allow: ['read'] },
            { channel: 'home:{user}', allow: ['read', 'write'] },
            { channel: 'box', key: 'locked:*', allow: [] },
            { channel: 'box', allow: ['read', 'write'] },
          ],
        },
      }],
    },
  },
});

const hello = async (target, options = {}) => {
  const { token, ...rest } = options;
  const connection = await Connection.open(target, rest);
  return connection.request(
    { type: 'hello', protocol: 1, client: randomClient(), ...(token && { token }) });
};

describe('a key', () => {
  test('that is known opens a session as its user, as token or as header', async () => {
    assert.equal((await hello(server, { token: robotKey })).user, 'robot');
    const headers = { Authorization: `Bearer ${robotKey}` };
    assert.equal((await hello(server, { headers })).user, 'robot');
  });

  test('that is wrong is 1301, one that is over 1302', async () => {
    const wrong = `${robotKey.slice(0, -4)}0000`;
    assert.equal((await hello(server, { token: wrong })).code, 1301);
    assert.equal((await hello(server, { token: oldKey })).code, 1302);
    assert.equal((await hello(server, { token: 'nobody knows this' })).code, 1301);
  });

  test('that ends while it is used closes its sessions with 4004', async () => {
    const connection = await Connection.hello(server, { token: shortKey });
    assert.equal((await connection.end()).code, 4004);
  });

  test('is the only way in where nobody else is asked', async () => {
    const robots = { port: server.ports.get('robots') };
    assert.equal((await hello(robots)).code, 1301);
    assert.equal((await hello(robots, { token: robotKey })).user, 'robot');
  });

  test('of a refused session leaves the connection to try again', async () => {
    const connection = await Connection.open(server);
    const client = randomClient();
    const refused = await connection.request(
      { type: 'hello', protocol: 1, client, token: `${robotKey.slice(0, -4)}0000` });
    assert.equal(refused.code, 1301);
    const opened = await connection.request({ type: 'hello', protocol: 1, client, token: robotKey });
    assert.equal(opened.type, 'welcome');
  });
});

describe('what the rules deny', () => {
  const op = (channel, n, key = 'k') => ({ type: 'op', channel, n, key, kind: 'set', value: n });

  test('is denied over every route', async () => {
    const ann = await Connection.hello(server);
    for (const type of ['subscribe', 'get']) {
      const error = await ann.request({ type, channel: 'secret' });
      assert.deepEqual([error.code, error.retry], [1303, false], type);
    }
    const resumed = await Connection.hello(server, { resume: [{ channel: 'secret' }, { channel: 'news' }] });
    const error = await resumed.next({ type: 'error' });
    assert.deepEqual([error.code, error.channel, error.re], [1303, 'secret', undefined]);
    await resumed.next({ type: 'live', channel: 'news' });
    assert.equal((await ann.request(op('secret', 1))).code, 1303);
  });

  test('consumes the number of an op, and a resend gets the same answer', async () => {
    const ann = await Connection.hello(server);
    assert.equal((await ann.request(op('box', 1))).outcome, 'applied');
    for (const duplicate of [undefined, true]) {
      const error = await ann.request(op('box', 2, 'locked:1'));
      assert.deepEqual([error.code, error.settled, error.duplicate], [1303, true, duplicate]);
    }
    assert.equal((await ann.request(op('box', 3))).seq, 2);
  });

  test('is reading or writing, by channel, role and user', async () => {
    const [ann, robot] = [await Connection.hello(server),
      await Connection.hello(server, { token: robotKey })];
    assert.equal((await ann.request(op('news', 1))).code, 1303);
    await ann.request({ type: 'subscribe', channel: 'news' });
    assert.equal((await robot.request(op('news', 1))).outcome, 'applied');
    assert.equal((await ann.next({ type: 'update' })).user, 'robot');
    const home = `home:${ann.welcome.user}`;
    assert.equal((await ann.request(op(home, 1))).outcome, 'applied');
    const ben = await Connection.hello(server);
    assert.equal((await ben.request({ type: 'get', channel: home })).code, 1303);
    assert.equal((await robot.request({ type: 'get', channel: home })).type, 'snapshot');
  });
});

test('the verdicts of one user are not another\'s, even with the same client id', async () => {
  const client = randomClient();
  const change = { type: 'op', channel: 'box', n: 1, key: 'same', kind: 'increment', path: '/x', by: 1 };
  const visitor = await Connection.hello(server, { client });
  const robot = await Connection.hello(server, { client, token: robotKey });
  assert.equal((await visitor.request(change)).outcome, 'applied');
  assert.equal((await robot.request(change)).outcome, 'applied', 'a stream of its own');
  assert.equal((await visitor.request({ type: 'ping' })).type, 'pong', 'neither replaced the other');
});

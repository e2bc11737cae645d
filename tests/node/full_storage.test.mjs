// SPDX-License-Identifier: Apache-2.0
// A storage that refused a commit: what goes on meanwhile, and that it goes on by itself.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { curl } from './lib/curl.mjs';
import { startServer } from './lib/server.mjs';

const server = await startServer({ after }, {
  config: {
    storage: { small: { use: 'memory', with: { bytes_max: '16KiB' } }, main: { use: 'memory' } },
    channels: [{ match: 'small:*', storage: 'small' }, { match: '*', storage: 'main' }],
  },
});

const headers = { 'Syncline-Client': randomClient() };
let writes = 0;
const read = (channel) => curl(`${server.http}/api/channels/${channel}`, { headers });
const write = (channel, value) => curl(`${server.http}/api/channels/${channel}/records/k`,
  { headers: { ...headers, 'Idempotency-Key': `write-${++writes}` }, json: { kind: 'set', value } });
const ready = () => curl(`${server.http}/readyz`);

/** Has the small storage refuse a commit. */
async function refuse() {
  const { status, body } = await write('small:1', 'x'.repeat(20_000));
  assert.deepEqual([status, body.code, body.retry], [503, 1003, true]);
}

test('the next write over HTTP is tried, and with it all is well again', async () => {
  await refuse();
  const { status, body } = await ready();
  assert.equal(status, 503);
  assert.match(body.reason, /storage 'small'.*full/);
  assert.equal((await write('small:1', 'it fits')).status, 200);
  assert.equal((await ready()).status, 200);
});

test('reads, new clients and the channels of other storages do not notice', async () => {
  await refuse();
  assert.equal((await ready()).status, 503);
  assert.equal((await read('small:1')).status, 200);
  assert.equal((await write('other:1', 1)).status, 200);
  const ann = await Connection.hello(server);
  const other = await ann.request({ type: 'op', channel: 'other:2', n: 1, key: 'k', kind: 'set', value: 1 });
  assert.equal(other.outcome, 'applied');
  assert.equal((await ready()).status, 503, 'what is committed elsewhere says nothing about it');
  const small = await ann.request({ type: 'op', channel: 'small:1', n: 1, key: 'k', kind: 'set', value: 1 });
  assert.equal(small.outcome, 'applied');
  assert.equal((await ready()).status, 200);
});

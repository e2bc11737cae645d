// SPDX-License-Identifier: Apache-2.0
// kill -9 under load, again and again: what was acked is there, nothing counts twice.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { sanitizers } from './lib/build.mjs';
import { Client } from './lib/client.mjs';
import { killAt } from './lib/killer.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';
import { within } from './lib/within.mjs';

const KILLS = Number(process.env.SYNCLINE_KILLS ?? (sanitizers ? 12 : 50));
const CHANNELS = ['a', 'b', 'c', 'd'].map((name) => `crash:${name}`);
const CLIENTS_PER_CHANNEL = 3;
const WINDOW = 80;
const IN_FLIGHT_MIN = 200;
const DELAY_MS_MAX = 60;
/** More kills, all of them aimed, if some phase was never hit by those. */
const KILLS_MORE = 20;

/** What the server keeps in the phase file, by the byte. */
const PHASES = ['between two', 'before a COMMIT', 'in a COMMIT', 'after a COMMIT'];
/** Kills aim at these in turn; null is any moment at all. */
const TARGETS = [null, 1, 2, 3, null, 2];

/** A client that keeps its window full of ops, and knows what they must come to. */
class Loader {
  constructor(channel, number) {
    this.client = new Client({ channel });
    this.number = number;
    this.asked = 0;
    /** seq -> `origin n`, as the updates said over all the lives of the server. */
    this.log = new Map();
    this.client.onUpdate = (update) => {
      this.log.set(update.seq, `${update.origin} ${update.n}`);
    };
    this.client.onVerdict = () => { if (this.loading) this.fill(); };
  }

  fill() {
    while (this.client.pending.size < WINDOW) {
      const by = 1 + Math.floor(Math.random() * 100);
      // Half of them meet on one record of the channel, the others are this client's own.
      if (this.client.n % 2 === 0) this.addToShared(by);
      else this.setOwn('x'.repeat(by));
    }
  }

  addToShared(by) {
    this.asked += by;
    this.client.submit({ key: 'shared', base: 0, kind: 'increment', path: '/sum', by });
  }

  setOwn(text) {
    const n = this.client.n + 1;
    this.lastOwn = n;
    this.client.submit({ key: `own:${this.number}`, kind: 'set', value: { n, text } });
  }
}

/** A first life in which each channel gets its history: one that has none yet may begin anew. */
async function begin(start, loaders) {
  const server = await start();
  await Promise.all(loaders.map(({ client }) => client.connect(server.port)));
  for (const loader of loaders) loader.setOwn('first');
  await Promise.all(loaders.map(({ client }) => client.allSettled()));
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  for (const { client } of loaders) client.disconnect();
}

/** One life of the server, from its start to its death under load. */
async function lifeAndDeath(start, loaders, phaseFile, phase) {
  const server = await start();
  await within(Promise.all(loaders.map(({ client }) => client.connect(server.port))),
    () => `all clients to be live again:\n${server.output}`);
  for (const loader of loaders) {
    loader.loading = true;
    loader.fill();
  }
  await killAt({ pid: server.pid, file: phaseFile, phase, delayMs: Math.random() * DELAY_MS_MAX });
  for (const loader of loaders) loader.loading = false;
  const { signal } = await within(server.exit, 'the death of the server');
  assert.equal(signal, 'SIGKILL', `it died by itself:\n${server.output}`);
  const inFlight = loaders.reduce((sum, { client }) => sum + client.pending.size, 0);
  const fellIn = fs.readFileSync(phaseFile)[0];
  fs.writeFileSync(phaseFile, '\0');
  for (const { client } of loaders) client.disconnect();
  return { inFlight, fellIn };
}

test(`${KILLS} kills under load lose nothing that was acked and repeat nothing`, async (t) => {
  const folder = temporaryFolder(t);
  const phaseFile = path.join(folder, 'phase');
  fs.writeFileSync(phaseFile, '\0');
  const config = { channels: [{ match: '*', history: { ops: 10_000_000, bytes: '4GiB' } }] };
  const start = () => startServer(t, {
    folder, config, environment: { SYNCLINE_PHASE_FILE: phaseFile },
  });
  const loaders = CHANNELS.flatMap((channel) => Array.from(
    { length: CLIENTS_PER_CHANNEL }, (_, i) => new Loader(channel, i)));
  const clients = loaders.map(({ client }) => client);

  await begin(start, loaders);
  const fell = [0, 0, 0, 0];
  const missing = () => [1, 2, 3].find((phase) => fell[phase] === 0);
  let inFlightLeast = Infinity;
  for (let round = 0; round < KILLS || (missing() && round < KILLS + KILLS_MORE); ++round) {
    const aim = round < KILLS ? TARGETS[round % TARGETS.length] : missing();
    const { inFlight, fellIn } = await lifeAndDeath(start, loaders, phaseFile, aim);
    inFlightLeast = Math.min(inFlightLeast, inFlight);
    ++fell[fellIn];
  }

  const server = await start();
  await Promise.all(clients.map((client) => client.connect(server.port)));
  await Promise.all(clients.map((client) => client.allSettled()));
  for (const channel of CHANNELS) {
    await check(loaders.filter(({ client }) => client.channel === channel));
  }
  const ops = clients.reduce((sum, { n }) => sum + n, 0);
  const duplicates = clients.reduce((sum, client) => sum + client.duplicates, 0);
  t.diagnostic(`${ops} ops, ${duplicates} of them committed before their ack was lost; `
    + `at least ${inFlightLeast} in flight at each kill`);
  t.diagnostic(`kills that fell ${PHASES.map((name, i) => `${name}: ${fell[i]}`).join(', ')}`);
  assert.ok(inFlightLeast >= IN_FLIGHT_MIN, `only ${inFlightLeast} ops were in flight`);
  for (const phase of [1, 2, 3]) assert.ok(fell[phase] > 0, `no kill fell ${PHASES[phase]}`);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  for (const client of clients) client.disconnect();
});

/** Holds one channel's clients against each other and against what was asked. */
async function check(loaders) {
  const clients = loaders.map(({ client }) => client);
  const head = clients.flatMap(({ verdicts }) => [...verdicts.values()])
    .reduce((most, { seq }) => Math.max(most, seq), 0);
  for (const { client, log } of loaders) {
    await client.reached(head);
    assert.deepEqual(client.violations, [], client.channel);
    assert.deepEqual([...client.modes].filter((mode) => mode !== 'tail' && mode !== 'snapshot'), [],
      'the history goes on after every crash');
    assert.equal(client.cursor.sum, clients[0].cursor.sum);
    assert.deepEqual(client.state(), clients[0].state());
    assert.equal(new Set(log.values()).size, log.size, 'no op has two places');
  }
  const { log } = loaders[0];
  assert.deepEqual([...log.keys()], Array.from({ length: head }, (_, i) => i + 1));
  for (const { client } of loaders) {
    for (const [n, verdict] of client.verdicts) {
      assert.equal(verdict.type, 'ack', JSON.stringify(verdict));
      assert.equal(log.get(verdict.seq), `${client.origin} ${n}`, 'an acked op has its place');
    }
  }
  assert.equal(head, clients.reduce((sum, { n }) => sum + n, 0), 'every op once');
  const state = clients[0].state();
  assert.equal(state.shared.sum, loaders.reduce((sum, { asked }) => sum + asked, 0));
  for (const { number, lastOwn } of loaders) assert.equal(state[`own:${number}`].n, lastOwn);
}

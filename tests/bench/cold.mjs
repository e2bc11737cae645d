// SPDX-License-Identifier: Apache-2.0
// What a channel costs that nobody uses. Each is written once, and leaves the memory when it has been idle; what of the
// server is resident then, and how large its files are, is read after each step.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import WebSocket from 'ws';

import { withServer } from './servers.mjs';

const STEP = 100_000;
const WINDOW = 512;
const ASKED_AGAIN = 200;
const SILENCE_MS = 60_000;
const value = { text: 'x'.repeat(190) };

/** One connection on which requests are under way at once; what is refused for now is sent again. */
class Client {
  static async open(port) {
    const client = new Client();
    client.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, 'syncline.v1');
    client.socket.on('message', (text) => client.#take(JSON.parse(text)));
    await new Promise((resolve, reject) => client.socket.once('open', resolve).once('error', reject));
    await client.ask({ type: 'hello', protocol: 1, client: 'c'.repeat(32) });
    return client;
  }

  waiting = new Map();
  lastId = 0;

  async ask(message) {
    for (;;) {
      const id = (this.lastId += 1);
      const answer = await new Promise((resolve) => {
        this.waiting.set(id, resolve);
        this.socket.send(JSON.stringify({ ...message, id }));
      });
      if (!answer.retry) return answer;
      await pause(20);
    }
  }

  #take(message) {
    this.waiting.get(message.re)?.(message);
    this.waiting.delete(message.re);
  }
}

const channel = (number) => `bench:cold:${number}`;

/** Writes one record into each channel from `first` up to `last`. */
async function writeEach(client, first, last) {
  let next = first;
  const write = async () => {
    while (next < last) {
      const op = { type: 'op', channel: channel(next), n: 1, key: 'k', kind: 'set', value };
      next += 1;
      const answer = await client.ask(op);
      // What was to be sent again may have landed all the same: then it is a duplicate.
      if ((answer.original ?? answer.outcome) !== 'applied') throw new Error(JSON.stringify(answer));
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, write));
}

/** Until no channel is in memory any more. Fails when none leaves for a while. */
async function untilCold(metrics) {
  let least = Infinity;
  for (let since = Date.now(); Date.now() - since < SILENCE_MS;) {
    const loaded = Number(/^syncline_channels (\d+)$/m.exec(await metrics())[1]);
    if (loaded === 0) return;
    if (loaded < least) [least, since] = [loaded, Date.now()];
    await pause(50);
  }
  throw new Error(`${least} channels stay in memory`);
}

function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]);
}

const diskBytes = (folder) => readdirSync(folder, { recursive: true })
  .map((name) => statSync(path.join(folder, name))).filter((file) => file.isFile())
  .reduce((sum, file) => sum + file.blocks * 512, 0);

/** Some of them, from first to last, come back as they were written. */
async function readSome(client, channels) {
  for (let i = 0; i < ASKED_AGAIN; i += 1) {
    const number = Math.floor((i * channels) / ASKED_AGAIN);
    const { seq, records } = await client.ask({ type: 'get', channel: channel(number) });
    if (seq !== 1 || records[0].value.text !== value.text) throw new Error(`${channel(number)} is not what it was`);
  }
}

/** What there is after each step, up to so many channels. */
const grow = (channels) => withServer('syncline+cold', async ({ folder, port, pid, metrics }) => {
  const client = await Client.open(port);
  const step = Math.min(STEP, Math.ceil(channels / 4));
  const points = [];
  for (let written = 0; written < channels; written = points.at(-1).channels) {
    const last = Math.min(written + step, channels);
    const sinceMs = performance.now();
    await writeEach(client, written, last);
    await untilCold(metrics);
    const perSecond = (last - written) / ((performance.now() - sinceMs) / 1_000);
    points.push({ channels: last, resident: residentBytes(pid), disk: diskBytes(folder), perSecond });
    console.error('cold', JSON.stringify(points.at(-1)));
  }
  await readSome(client, channels);
  client.socket.terminate();
  return points;
});

export async function measureCold(channels) {
  if (!(channels >= 4)) throw new Error('--channels: at least 4');
  const points = await grow(channels);
  console.log('\n| cold channels | MB resident | MB on disk | written and gone, per second |');
  console.log('| --- | ---: | ---: | ---: |');
  for (const { channels: count, resident, disk, perSecond } of points) {
    const cells = [count.toLocaleString('en'), ...[resident / 1e6, disk / 1e6].map((mb) => mb.toFixed(1)), perSecond.toFixed(0)];
    console.log(`| ${cells.join(' | ')} |`);
  }
  // Until half of them are there, what is bounded fills: the storage's page caches of 64 MB each, and its
  // `heads_max` of 100,000 channels. With fewer than twice as many they are all that this sees.
  const [half, end] = [points[(points.length >> 1) - 1], points.at(-1)];
  const each = (of) => ((end[of] - half[of]) / (end.channels - half.channels)).toFixed(0);
  console.log(`\nBehind the first ${half.channels.toLocaleString('en')}, a cold channel costs ${each('resident')} `
    + `bytes of memory and ${each('disk')} bytes of disk.`);
}

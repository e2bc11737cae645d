// SPDX-License-Identifier: Apache-2.0
// ShareDB as it comes: MemoryDB, its only backend that needs no other server, and type json0, over ws.
// A document per channel, made at the start. PORT and CHANNELS from the environment.
import { createServer } from 'node:http';
import ShareDB from 'sharedb';
import Stream from '@teamwork/websocket-json-stream';
import { WebSocketServer } from 'ws';
import { channelNames, firstRecord } from '../work.mjs';

const backend = new ShareDB();
const connection = backend.connect();
await Promise.all(channelNames(Number(process.env.CHANNELS)).map((name) => new Promise((resolve, reject) => {
  connection.get('documents', name).create(firstRecord(), (error) => (error ? reject(error) : resolve()));
})));

const server = createServer();
new WebSocketServer({ server }).on('connection', (socket) => backend.listen(new Stream(socket)));
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));

// SPDX-License-Identifier: Apache-2.0
// The servers in the order of the tables; a dialect of the same name is what the load speaks to each.
import { script, syncline } from './server.mjs';

export const CHANNELS = 50;

const sharedb = { ...script('sync_peers/servers/sharedb.mjs'), environment: { CHANNELS: String(CHANNELS) } };

export const peers = [
  { name: 'syncline', dialect: 'syncline', program: syncline('bench.yaml') },
  { name: '`ws+sqlite`', dialect: 'ws_sqlite', program: script('peers/ws_sqlite.mjs') },
  { name: 'Hocuspocus + SQLite', dialect: 'hocuspocus', program: script('sync_peers/servers/hocuspocus.mjs') },
  { name: 'ShareDB, in memory', dialect: 'sharedb', program: sharedb },
  { name: 'socket.io', dialect: 'socketio', storesNothing: true, program: script('sync_peers/servers/socketio.mjs') },
];

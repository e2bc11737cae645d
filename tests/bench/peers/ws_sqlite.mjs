// SPDX-License-Identifier: Apache-2.0
// A peer: what a good engineer writes in a day. Rooms on ws, each op in a log in SQLite (WAL,
// synchronous=FULL) with its sender's number so that none is applied twice, one commit for all ops
// that came in one turn of the event loop, acknowledged and told to the others behind the commit.
// PORT and DATA_DIR from the environment.
import Database from 'better-sqlite3';
import { WebSocketServer } from 'ws';

const database = new Database(`${process.env.DATA_DIR}/peer.db`);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  CREATE TABLE IF NOT EXISTS ops (ch TEXT, seq INTEGER, client TEXT, cid INTEGER, k TEXT, f TEXT, v TEXT,
    PRIMARY KEY (ch, seq)) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS once ON ops (client, cid);`);
const insert = database.prepare('INSERT INTO ops VALUES (?, ?, ?, ?, ?, ?, ?)');
const find = database.prepare('SELECT seq FROM ops WHERE client = ? AND cid = ?');
const log = database.prepare('SELECT seq, k, f, v FROM ops WHERE ch = ? ORDER BY seq');

const rooms = new Map();
function roomOf(name) {
  let room = rooms.get(name);
  if (!room) {
    room = { seq: 0, records: {}, members: new Set() };
    for (const op of log.iterate(name)) {
      room.seq = op.seq;
      (room.records[op.k] ??= {})[op.f] = op.v;
    }
    rooms.set(name, room);
  }
  return room;
}

function store(socket, message) {
  const before = find.get(socket.client, message.cid);
  if (before) return { socket, message, seq: before.seq, duplicate: true };
  const room = roomOf(message.ch);
  insert.run(message.ch, room.seq + 1, socket.client, message.cid, message.k, message.f, message.v);
  room.seq += 1;
  (room.records[message.k] ??= {})[message.f] = message.v;
  return { socket, message, room, seq: room.seq };
}

function tell({ socket, message, room, seq, duplicate }) {
  socket.send(`{"t":"ack","cid":${message.cid},"seq":${seq}}`);
  if (duplicate) return;
  const text = JSON.stringify({ t: 'op', ch: message.ch, seq, client: socket.client, cid: message.cid, k: message.k, f: message.f, v: message.v });
  for (const member of room.members) if (member !== socket) member.send(text);
}

const commit = database.transaction((waiting) => waiting.map(([socket, message]) => store(socket, message)));
let waiting = [];

const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1' });
server.on('connection', (socket) => {
  const joined = new Set();
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.t === 'op') {
      waiting.push([socket, message]);
      if (waiting.length > 1) return;
      setImmediate(() => {
        const group = waiting;
        waiting = [];
        commit(group).forEach(tell);
      });
    } else if (message.t === 'hello') {
      socket.client = message.client;
      socket.send('{"t":"welcome"}');
    } else if (message.t === 'join') {
      const room = roomOf(message.ch);
      room.members.add(socket);
      joined.add(room);
      socket.send(JSON.stringify({ t: 'joined', ch: message.ch, seq: room.seq, records: room.records }));
    }
  });
  socket.on('close', () => joined.forEach((room) => room.members.delete(socket)));
});
server.on('listening', () => console.log('ready'));

// SPDX-License-Identifier: Apache-2.0
// A peer: rooms on the npm package ws. Stores nothing. PORT from the environment.
import { WebSocketServer } from 'ws';

const rooms = new Map();
const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1' });

server.on('connection', (socket) => {
  const joined = new Set();
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.t === 'ping') {
      socket.send(`{"t":"pong","re":${message.id},"time":${Date.now()}}`);
    } else if (message.t === 'hello') {
      socket.send('{"t":"welcome"}');
    } else if (message.t === 'join') {
      if (!rooms.has(message.ch)) rooms.set(message.ch, { seq: 0, members: new Set() });
      rooms.get(message.ch).members.add(socket);
      joined.add(message.ch);
      socket.send(`{"t":"joined","ch":${JSON.stringify(message.ch)}}`);
    } else if (message.t === 'op') {
      const room = rooms.get(message.ch);
      const text = JSON.stringify({ ...message, seq: ++room.seq });
      for (const member of room.members) if (member !== socket) member.send(text);
      socket.send(`{"t":"ack","cid":${message.cid},"seq":${room.seq}}`);
    }
  });
  socket.on('close', () => joined.forEach((name) => rooms.get(name).members.delete(socket)));
});
server.on('listening', () => console.log('ready'));

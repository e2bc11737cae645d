// SPDX-License-Identifier: Apache-2.0
// socket.io: a room per channel, an op is numbered, told to the others in its room and acknowledged.
// It stores nothing. PORT from the environment.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const server = createServer();
const numbers = new Map();

new Server(server).on('connection', (socket) => {
  socket.on('join', (channel, acknowledge) => {
    socket.join(channel);
    acknowledge();
  });
  socket.on('op', (op, acknowledge) => {
    const seq = (numbers.get(op.ch) ?? 0) + 1;
    numbers.set(op.ch, seq);
    socket.to(op.ch).emit('op', { ...op, seq });
    acknowledge(seq);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));

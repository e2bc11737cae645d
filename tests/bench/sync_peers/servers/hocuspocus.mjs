// SPDX-License-Identifier: Apache-2.0
// Hocuspocus with its SQLite extension on a file, and its defaults otherwise: a document is stored two
// seconds behind its last change, at the latest ten behind the first. PORT and DATA_DIR from the environment.
import { SQLite } from '@hocuspocus/extension-sqlite';
import { Server } from '@hocuspocus/server';

const server = new Server({
  port: Number(process.env.PORT),
  address: '127.0.0.1',
  quiet: true,
  extensions: [new SQLite({ database: `${process.env.DATA_DIR}/hocuspocus.db` })],
});
await server.listen();
console.log('ready');

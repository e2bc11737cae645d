// SPDX-License-Identifier: Apache-2.0
// A process of its own with one client, so that it can be stopped like a laptop that is closed.
// Arguments: port, channel. Its parent asks by IPC: { reach: seq } is answered with the state.

import { Client } from './client.mjs';

const [port, channel] = process.argv.slice(2);
const client = new Client({ channel });
let updates = 0;
client.onUpdate = () => ++updates;
await client.connect(port);
process.send({ live: true });

process.on('message', async ({ reach }) => {
  await client.until(() => client.live && client.cursor.seq >= reach, `seq ${reach}`);
  process.send({
    state: client.state(), cursor: client.cursor, modes: client.modes, updates,
    violations: client.violations, spans: client.spans,
  });
});

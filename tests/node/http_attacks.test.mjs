// SPDX-License-Identifier: Apache-2.0
// Requests that no honest client sends: refused, the connection closed, everybody else unharmed.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Raw } from './lib/raw.mjs';
import { startServer } from './lib/server.mjs';

const server = await startServer({ after }, {
  config: {
    limits: { header_bytes: '4KiB', body_bytes: '8KiB' },
    listeners: {
      public: { bind: '127.0.0.1:0', auth: ['visitors'], origins: ['https://app.example'] },
    },
  },
});

const second = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

/** Sends bytes followed by an honest request, and answers all statuses until the close. */
async function statuses(bytes) {
  const raw = await Raw.connect(server.port);
  raw.write(bytes);
  const all = [];
  for (;;) {
    const { status } = await raw.response();
    if (status === 0) break;
    all.push(status);
    if (all.length === 10) break;
  }
  raw.destroy();
  return all;
}

async function alive() {
  assert.equal((await server.fetch('/healthz')).status, 200);
}

describe('a request whose length two parsers could read differently', () => {
  const chunked = '0\r\n\r\n';
  const smuggling = {
    'Content-Length and Transfer-Encoding':
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`,
    'the same the other way round':
      `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${chunked}`,
    'two lengths': 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345',
    'two equal lengths':
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n12345',
    'a list of lengths': 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\n12345',
    'a negative length': 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'a signed length': 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n12345',
    'a length in hex': 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\n12345',
    'a length beyond 64 bits':
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\n1',
    'an unknown encoding':
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    'two encodings':
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n',
    'encodings in two headers':
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n',
    'an encoding with HTTP/1.0':
      'POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a space before the colon': 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\n12345',
    'a folded header': 'POST / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
    'a folded encoding':
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n',
    'a chunk size that is no number':
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'a chunk size that overflows':
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n',
    'a chunk without its end':
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab0\r\n\r\n',
  };
  for (const [what, bytes] of Object.entries(smuggling)) {
    test(`is refused, and nothing behind it is answered: ${what}`, async () => {
      assert.deepEqual(await statuses(bytes + second), [400]);
      await alive();
    });
  }
});

describe('a request that is none', () => {
  const table = {
    'no Host': ['GET / HTTP/1.1\r\n\r\n', 400],
    'two Hosts': ['GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 400],
    'a Host with a path': ['GET / HTTP/1.1\r\nHost: x/y\r\n\r\n', 400],
    'no version': ['GET /\r\n\r\n', 400],
    'HTTP/2.0': ['GET / HTTP/2.0\r\nHost: x\r\n\r\n', 505],
    'a TLS greeting': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
    'bare line feeds': ['GET / HTTP/1.1\nHost: x\n\n', null],
    'a NUL in a header': ['GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n', 400],
    'a header name with a space': ['GET / HTTP/1.1\r\nHost: x\r\nX Y: a\r\n\r\n', 400],
    'a path that climbs': ['GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    'a path that climbs, encoded': ['GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    'an encoded NUL': ['GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    'bad percent-encoding': ['GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    'bytes that are no UTF-8': ['GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    'an absolute target': ['GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    'an unknown expectation': ['GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n', 417],
    'a header that is too large': [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(5_000)}\r\n\r\n`, 431],
    'a target that is too large': [`GET /${'a'.repeat(5_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    'too many headers':
      [`GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(600)}\r\n`, 431],
    'a body that is too large':
      [`POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n${'a'.repeat(9_000)}`, 413],
    'chunks that are too large':
      [`POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2328\r\n${'a'.repeat(9_000)}\r\n0\r\n\r\n`, 413],
  };
  for (const [what, [bytes, status]] of Object.entries(table)) {
    test(`is refused: ${what}`, async () => {
      // Without an expected answer it is only certain that none of it counts as a request.
      if (status === null) {
        const raw = await Raw.connect(server.port);
        raw.write(bytes);
        raw.socket.end();
        assert.notEqual((await raw.response()).status, 200);
        raw.destroy();
      } else {
        assert.deepEqual(await statuses(bytes + second), [status]);
      }
      await alive();
    });
  }

  test('an endless header is cut off at its limit', async () => {
    const raw = await Raw.connect(server.port);
    raw.socket.on('error', () => {});
    raw.write('GET / HTTP/1.1\r\nHost: x\r\nX: ');
    const flood = setInterval(() => raw.write('a'.repeat(1_000)), 1);
    const { status } = await raw.response();
    clearInterval(flood);
    assert.equal(status, 431);
    raw.destroy();
    await alive();
  });
});

describe('an upgrade', () => {
  const upgrade = async (headers, target) => {
    const raw = await Raw.connect(server.port);
    const { status } = await raw.upgrade(headers, target);
    raw.destroy();
    return status;
  };

  test('of a foreign origin is forbidden', async () => {
    for (const Origin of ['https://evil.example', 'null', 'https://app.example.evil.example',
      'http://app.example', 'https://localhost.evil.example']) {
      assert.equal(await upgrade({ Origin }), 403, Origin);
    }
  });

  test('of the same origin, a configured one, or none at all is welcome', async () => {
    assert.equal(await upgrade({ Origin: 'http://localhost' }), 101);
    assert.equal(await upgrade({ Origin: 'https://app.example' }), 101);
    assert.equal(await upgrade({}), 101);
    assert.equal(await upgrade({}, '/api/realtime'), 101);
  });

  const wrong = {
    'another version': [{ 'Sec-WebSocket-Version': '8' }, 426],
    'no key': [{ 'Sec-WebSocket-Key': '' }, 400],
    'a short key': [{ 'Sec-WebSocket-Key': 'c2hvcnQ=' }, 400],
    'no Connection: Upgrade': [{ Connection: 'keep-alive' }, 400],
  };
  for (const [what, [headers, status]] of Object.entries(wrong)) {
    test(`is refused: ${what}`, async () => assert.equal(await upgrade(headers), status));
  }

  test('elsewhere is not there', async () => {
    assert.notEqual(await upgrade({}, '/healthz'), 101);
    assert.equal(await upgrade({}, '/nothing'), 404);
  });

  test('takes the frames that came with it', async () => {
    const raw = await Raw.connect(server.port);
    raw.socket.cork();
    const upgraded = raw.upgrade();
    raw.frame(1, JSON.stringify({ type: 'hello', protocol: 1, client: 'c'.repeat(32), id: 1 }));
    raw.socket.uncork();
    assert.equal((await upgraded).status, 101);
    assert.equal((await raw.nextMessage()).type, 'welcome');
    raw.destroy();
  });
});

// SPDX-License-Identifier: Apache-2.0
// Published vectors, and what nobody should send, through the server's own JSON and token code.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { after, describe, test } from 'node:test';

import { program, sanitizers } from './lib/build.mjs';
import { within } from './lib/within.mjs';

/** The program: a request of one line, an answer of one line. */
const child = spawn(path.join(path.dirname(program), 'syncline-vectors'), { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
after(async () => {
  const ended = new Promise((resolve) => { child.once('exit', (code) => resolve(code)); });
  child.stdin.end();
  assert.equal(await within(ended, 'the end of the program'), 0);
});

async function answerTo(line) {
  child.stdin.write(line);
  child.stdin.write('\n');
  const { value } = await within(lines.next(), () => `an answer to ${String(line).slice(0, 200)}`);
  return JSON.parse(value);
}
const ask = (op, members) => answerTo(JSON.stringify({ op, ...members }));
const parse = (text) => ask('parse', { data_b64: Buffer.from(text).toString('base64') });

/** It says no, and why. */
async function refused(answer, reason = /./) {
  const { ok, error } = await answer;
  assert.equal(ok, false);
  assert.match(error, reason);
}

/** The texts of the objects of an array: a member that is there twice is lost in what JSON.parse makes of it. */
function* objectsOf(text) {
  let depth = 0;
  let begin = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/g)) {
    if (token.startsWith('"')) continue;
    if ('[{'.includes(token)) {
      if (++depth === 2) begin = index;
    } else if (--depth === 1) {
      yield text.slice(begin, index + 1);
    }
  }
}

describe('JSON Patch (RFC 6902)', () => {
  for (const [file, count, twice] of [['tests.json', 78, 1], ['spec_tests.json', 17, 1]]) {
    test(`all ${count} vectors of ${file}, those with a member twice as well`, async () => {
      const text = fs.readFileSync(new URL(`./node_modules/json-patch-test-suite/${file}`, import.meta.url), 'utf8');
      const texts = [...objectsOf(text)];
      assert.equal(texts.length, count);
      assert.deepEqual(texts.map((each) => JSON.parse(each)), JSON.parse(text));
      let refusedTwice = 0;
      for (const [index, each] of texts.entries()) {
        const vector = JSON.parse(each);
        const name = `${file}[${index}] ${vector.comment ?? ''}`;
        const { ok, result, error } = await answerTo(`{"op":"patch",${each.slice(1).replaceAll('\n', ' ')}`);
        assert.equal(ok, !vector.error, name);
        if ('expected' in vector) assert.deepEqual(result, vector.expected, name);
        if (/two 'op' members/.test(vector.error)) {
          assert.match(error, /twice|duplicate/, name);
          ++refusedTwice;
        }
      }
      assert.equal(refusedTwice, twice);
    });
  }

  test('a copy that doubles the document again and again is bounded', async () => {
    const doc = { a: ['x'.repeat(1_000)] };
    const patch = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
    await refused(ask('patch', { doc, patch }));
  });
});

// RFC 7396, appendix A: original, patch, result.
const MERGES = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [['a', 'b'], ['c', 'd'], ['c', 'd']],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];
test('every example of JSON Merge Patch (RFC 7396)', async () => {
  for (const [doc, patch, result] of MERGES) {
    assert.deepEqual(await ask('merge', { doc, patch }), { ok: true, result }, JSON.stringify({ doc, patch }));
  }
});

// RFC 6901, section 5.
const POINTED = {
  foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, 'g|h': 4, 'i\\j': 5, 'k"l': 6, ' ': 7, 'm~n': 8,
};
const POINTERS = {
  '': POINTED, '/foo': ['bar', 'baz'], '/foo/0': 'bar', '/': 0, '/a~1b': 1, '/c%d': 2, '/e^f': 3, '/g|h': 4,
  '/i\\j': 5, '/k"l': 6, '/ ': 7, '/m~0n': 8,
};
test('every example of JSON Pointer (RFC 6901)', async () => {
  for (const [pointer, result] of Object.entries(POINTERS)) {
    assert.deepEqual(await ask('pointer', { doc: POINTED, pointer }), { ok: true, result }, pointer);
  }
  for (const pointer of ['foo', '/foo/2', '/foo/-', '/foo/00', '/foo/-1', '/m~n', '/~2', '/absent']) {
    await refused(ask('pointer', { doc: POINTED, pointer }));
  }
});

describe('signed tokens (RFC 7515, appendix A; RFC 8037)', () => {
  const claims = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
  const told = { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true };
  const signed = {
    'A.1, HS256': {
      jwk: {
        kty: 'oct',
        k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      },
      jws: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${claims}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    },
    'A.2, RS256': {
      jwk: {
        kty: 'RSA',
        n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL'
          + '-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA'
          + '9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8N'
          + 'Aco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
        e: 'AQAB',
      },
      jws: `eyJhbGciOiJSUzI1NiJ9.${claims}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AA`
        + 'uHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBA'
        + 'rLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh'
        + '6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
    },
    'A.3, ES256': {
      jwk: {
        kty: 'EC', crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
      jws: `eyJhbGciOiJFUzI1NiJ9.${claims}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQx`
        + 'fKTUJqPP3-Kg6NU1Q',
    },
  };
  // A.4: its payload is no JSON.
  const longest = {
    jwk: {
      kty: 'EC', crv: 'P-521',
      x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
      y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2',
    },
    jws: 'eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.'
      + 'AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgo'
      + 'XD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn',
  };
  const edwards = {
    jwk: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    jws: 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.'
      + 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  };

  for (const [name, token] of Object.entries(signed)) {
    test(name, async () => assert.deepEqual(await ask('jws', token), { ok: true, result: told }));
  }
  test('A.4, ES512', async () => {
    assert.deepEqual(await ask('jws', longest), { ok: true, result: 'Payload' });
  });
  test('RFC 8037, EdDSA', async () => {
    assert.deepEqual(await ask('jws', edwards), { ok: true, result: 'Example of Ed25519 signing' });
  });

  test('what another key, or nobody, has signed is refused', async () => {
    const all = [...Object.values(signed), longest, edwards];
    for (const { jwk } of all) {
      for (const { jws } of all) if (all.find((token) => token.jwk === jwk).jws !== jws) await refused(ask('jws', { jwk, jws }));
    }
    for (const { jwk, jws } of all) {
      const [header, , signature] = jws.split('.');
      await refused(ask('jws', { jwk, jws: `${header}.e30.${signature}` }), /signature/);
      await refused(ask('jws', { jwk, jws: `${header}.${claims}.` }));
      await refused(ask('jws', { jwk, jws: `eyJhbGciOiJub25lIn0.${claims}.` })); // A.5
      await refused(ask('jws', { jwk, jws: 'a.b' }), /three parts/);
    }
  });
});

describe('whatever comes, it answers', () => {
  const texts = {
    'an empty text': '', 'half a value': '{"a":', 'a second value': '{} {}', 'a member twice': '{"a":1,"a":2}',
    'a member twice, spelt in two ways': '{"a":1,"\\u0061":2}', 'a lone high surrogate': '"\\ud800"',
    'a lone low surrogate': '"\\udc00"', 'half a pair and a letter': '"\\ud83dx"', 'a number beyond double': '1e400',
    'an integer that no double holds': '9007199254740993', 'a leading zero': '01', 'no number': 'NaN',
    'a comma too many': '[1,]', 'a comment': '[/**/]', 'a control character': '"\u0001"', 'a zero byte': '1\0',
    'a byte order mark': '\ufeff1', 'single quotes': "'a'",
  };
  for (const [name, text] of Object.entries(texts)) {
    test(`refuses ${name}`, async () => refused(parse(text)));
  }

  test('refuses what is not UTF-8', async () => {
    for (const bytes of [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]]) {
      await refused(parse(Buffer.from(bytes)));
    }
  });

  test('takes what is JSON, and keeps it', async () => {
    for (const value of [null, true, -0.5, 1e300, 'ä€😀\u0000', [], {}, { '': [1, { b: null }] }, 9007199254740991]) {
      assert.deepEqual(await parse(JSON.stringify(value)), { ok: true, result: value });
    }
    assert.equal((await parse('-0.0')).ok, true);
    assert.equal((await parse('"\\ud83d\\ude00"')).result, '😀');
  });

  test('takes depth up to its limit, and refuses what is deeper however deep', async () => {
    const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
    assert.equal((await parse(nested(64))).ok, true);
    for (const depth of [65, 1_000, 1_000_000]) {
      await refused(parse(nested(depth)));
      await refused(answerTo(`{"op":"merge","doc":${nested(depth)},"patch":{}}`));
      await refused(answerTo(`{"op":"parse","data_b64":${'{"a":'.repeat(depth)}`));
    }
  });

  test('refuses requests that are none', async () => {
    const requests = ['', 'x', '[]', '{}', '{"op":1}', '{"op":"none"}', '{"op":"parse"}', '{"op":"parse","data_b64":1}',
      '{"op":"parse","data_b64":"*"}', '{"op":"parse","data_b64":"MQ==="}', '{"op":"pointer","doc":1}',
      '{"op":"patch","doc":1}', '{"op":"patch","doc":1,"patch":{}}', '{"op":"merge","doc":1}', '{"op":"jws","jws":"a.b.c"}',
      '{"op":"jws","jwk":[],"jws":"a.b.c"}', '{"op":"jws","jwk":{"kty":"none"},"jws":"a.b.c"}',
      '{"op":"parse","op":"parse","data_b64":"MQ=="}'];
    for (const request of requests) await refused(answerTo(request));
    await refused(answerTo(Buffer.from([0x7b, 0xff, 0x7d])));
  });

  // A sanitizer reserves more than any limit of this kind would leave.
  const limited = { skip: sanitizers && 'under a sanitizer' };
  test('refuses what there is no memory for, and goes on', limited, async () => {
    const file = path.join(path.dirname(program), 'syncline-vectors');
    const poor = spawn('sh', ['-c', `ulimit -v 400000; exec "${file}"`], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = readline.createInterface({ input: poor.stdout })[Symbol.asyncIterator]();
    poor.stdin.write(`{"op":"merge","doc":[${'1,'.repeat(20_000_000)}1],"patch":{}}\n`);
    poor.stdin.write('{"op":"parse","data_b64":"MQ=="}\n');
    await refused(within(answers.next(), 'an answer').then(({ value }) => JSON.parse(value)), /not enough memory/);
    assert.deepEqual(JSON.parse((await within(answers.next(), 'the next')).value), { ok: true, result: 1 });
    poor.stdin.end();
    const [code] = await within(once(poor, 'exit'), 'the end');
    assert.equal(code, 0);
  });

  test('refuses a request that is too long, and goes on', async () => {
    await refused(answerTo(`"${'x'.repeat(65 << 20)}"`), /too long/);
    assert.equal((await parse('1')).ok, true);
  });
});

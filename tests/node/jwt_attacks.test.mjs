// SPDX-License-Identifier: Apache-2.0
// Tokens that must not count. Each is shown to a real server, whose answer says nothing and whose
// log says why.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { Connection, randomClient } from './lib/connection.mjs';
import { startServer, temporaryFolder } from './lib/server.mjs';
import { AUDIENCE, ISSUER, forge, goodClaims, makeKeys, nowSeconds, part } from './lib/tokens.mjs';

const keys = makeKeys();
const attacker = makeKeys();
const folder = temporaryFolder({ after });
const keysFile = path.join(folder, 'jwks.json');
fs.writeFileSync(keysFile, JSON.stringify(keys.set));

const server = await startServer({ after }, {
  folder,
  config: {
    auth: {
      people: {
        use: 'jwt',
        with: {
          issuer: ISSUER, audience: AUDIENCE, keys: keysFile, secret: keys.secret, secret_id: 'hs',
          leeway: '0s', lifetime_max: '24h',
        },
      },
      visitors: { use: 'anonymous' },
    },
    listeners: { public: { bind: '127.0.0.1:0', auth: ['people', 'visitors'] } },
  },
});

/** Refusals that the log has told so far. */
let told = 0;
const shown = [];

/** Says hello with a token. Answers what came, and what the log said. */
async function show(token) {
  shown.push(token);
  const connection = await Connection.open(server);
  const answer = await connection.request(
    { type: 'hello', protocol: 1, client: randomClient(), token });
  connection.socket.terminate();
  return answer;
}

async function nextRefusal() {
  const at = told++;
  const isRefusal = /not authenticated: (.*) connection=\S+$/;
  return server.line({
    exec: () => server.lines.map((line) => isRefusal.exec(line)).filter(Boolean)[at],
    toString: () => `refusal ${at}`,
  });
}

function refused(name, token, reason, code = 1301) {
  test(name, async () => {
    const answer = await show(token());
    assert.deepEqual(answer, {
      type: 'error', re: 1, code, reason: 'the credentials were refused', retry: false,
    });
    const [, why] = await nextRefusal();
    assert.match(why, reason);
  });
}

const forged = (changes) => () => forge(keys, changes);
const parts = (changes) => forge(keys, changes).split('.');

describe('what all of the following would be without its fault: a token', () => {
  for (const alg of ['HS256', 'RS256', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    test(`signed with ${alg} is good`, async () => {
      assert.equal((await show(forge(keys, { alg }))).user, 'ann');
      assert.equal((await show(forge(keys, { alg, header: { kid: undefined } }))).user, 'ann');
    });
  }
});

describe('the algorithm', () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', 'NoNe']) {
    refused(`'${alg}' without a signature`, forged({ header: { alg }, signature: () => '' }),
      /signature is missing/);
    refused(`'${alg}' with a signature`, forged({ header: { alg } }), /algorithm '\w+' is not taken/);
  }
  for (const alg of ['', 'none ', 'es256', 'ES256 ', 'HS384', 'HS512', 'RS512', 'PS256', 'es512',
    'ES521', 'ES256K', 'Ed448', 'dir', 'RS1', 'ES256,none']) {
    refused(`'${alg}'`, forged({ header: { alg } }), /algorithm '.*' is not taken/);
  }
  refused('that is missing', forged({ header: { alg: undefined } }), /has no 'alg'/);
  for (const alg of [null, 0, true, ['ES256'], { alg: 'ES256' }]) {
    refused(`that is ${JSON.stringify(alg)}`, forged({ header: { alg } }), /'alg' is no text/);
  }
});

describe('a public key as the secret of HS256', () => {
  const { rsa, ec, set } = keys;
  const pem = (pair, type) => pair.publicKey.export({ type, format: 'pem' });
  const secrets = {
    'the RSA key as PEM': pem(rsa, 'spki'),
    'the RSA key as PEM without its last line end': pem(rsa, 'spki').trim(),
    'the RSA key as PKCS#1': pem(rsa, 'pkcs1'),
    'the RSA key as DER': rsa.publicKey.export({ type: 'spki', format: 'der' }),
    'the RSA key as JWK': JSON.stringify(set.keys[0]),
    'the modulus': Buffer.from(set.keys[0].n, 'base64url'),
    'the EC key as PEM': pem(ec, 'spki'),
    'the coordinate': Buffer.from(set.keys[1].x, 'base64url'),
    'the whole set': JSON.stringify(set),
    nothing: '',
  };
  for (const [name, secret] of Object.entries(secrets)) {
    const signature = (text) => crypto.createHmac('sha256', secret).update(text).digest();
    refused(`${name}, under its own id`, forged({ alg: 'HS256', header: { kid: 'rsa' }, signature }),
      /the key 'rsa' is for RS256, not HS256/);
    refused(`${name}, without an id`,
      forged({ alg: 'HS256', header: { kid: undefined }, signature }), /signature is wrong/);
  }
});

describe('the id of the key', () => {
  for (const [alg, kid] of [['RS256', 'ec'], ['ES256', 'rsa'], ['ES256', 'ed'], ['EdDSA', 'ec'],
    ['EdDSA', 'rsa'], ['RS256', 'hs'], ['HS256', 'ed'], ['ES256', 'ec384'], ['ES512', 'ec384'], ['ES384', 'ec521'],
    ['ES512', 'ec'], ['HS256', 'ec521'], ['RS256', 'ec521']]) {
    refused(`'${kid}' with ${alg}`, forged({ alg, header: { kid } }), /is for \w+, not \w+/);
  }
  for (const kid of ['another', '', 'EC', 'ec ', '../../../../dev/null', "' OR 1=1 --",
    'https://evil.example/key', 'ec\0', '0']) {
    refused(JSON.stringify(kid), forged({ header: { kid } }), /the key '.*' is not known/);
  }
  refused('with a line of a log in it',
    forged({ header: { kid: 'x\nsession 1 from 127.0.0.1: welcome' } }),
    /^the key 'x\?session 1 from 127.0.0.1: welcome' is not known$/);
  refused('of 256 bytes', forged({ header: { kid: 'k'.repeat(256) } }), /at most 255 bytes/);
  for (const kid of [null, 1, ['ec'], { ec: 1 }]) {
    refused(`that is ${JSON.stringify(kid)}`, forged({ header: { kid } }), /'kid' is no text/);
  }
});

describe('a key that the token brings itself', () => {
  const signature = attacker.sign.ES256;
  const jwk = attacker.set.keys[1];
  refused('as jwk', forged({ header: { jwk }, signature }), /signature is wrong/);
  refused('as jwk, with its id',
    forged({ header: { jwk: { ...jwk, kid: 'mine' }, kid: 'mine' }, signature }), /is not known/);
  refused('as jku', forged({ header: { jku: 'http://127.0.0.1:9/jwks.json' }, signature }),
    /signature is wrong/);
  refused('as x5u', forged({ header: { x5u: 'http://127.0.0.1:9/cert.pem' }, signature }),
    /signature is wrong/);
  refused('as x5c', forged({ header: { x5c: ['MIIB'] }, signature }), /signature is wrong/);
});

describe('a header that asks for more', () => {
  for (const crit of [['exp'], [], ['b64'], 'b64', null]) {
    refused(`crit ${JSON.stringify(crit)}`, forged({ header: { crit } }), /has 'crit'/);
  }
  for (const b64 of [false, true]) refused(`b64 ${b64}`, forged({ header: { b64 } }), /has 'b64'/);
  for (const cty of ['JWT', 'jwt', 'application/jwt', 7]) {
    refused(`cty ${cty}`, forged({ header: { cty } }), /a token within a token/);
  }
  for (const typ of ['logout+jwt', 'secevent+jwt', 'dpop+jwt', 'application/logout+jwt', '']) {
    refused(`typ '${typ}'`, forged({ header: { typ } }), /its type '.*' is not taken/);
  }
  refused('typ 7', forged({ header: { typ: 7 } }), /'typ' is no text/);
});

describe('a member twice', () => {
  const claims = (more) => JSON.stringify(goodClaims()).replace(/}$/, `,${more}}`);
  refused('alg', forged({ header: '{"alg":"none","kid":"ec","alg":"ES256"}' }),
    /header: the member 'alg' is there twice/);
  refused('kid', forged({ header: '{"alg":"ES256","kid":"ec","kid":"ec"}' }), /'kid' is there twice/);
  refused('sub', forged({ claims: claims('"sub":"root"') }), /claims: the member 'sub' is there twice/);
  refused('exp', forged({ claims: claims('"exp":9999999999') }), /'exp' is there twice/);
  refused('sub, written in another way', forged({ claims: claims('"\\u0073ub":"root"') }),
    /'sub' is there twice/);
  refused('deep inside', forged({ claims: claims('"a":{"b":[{"c":1,"c":1}]}') }),
    /'c' is there twice/);
});

describe('JSON', () => {
  const deep = (depth) => '['.repeat(depth) + ']'.repeat(depth);
  const bad = {
    'an array': '[]', 'a text': '"x"', 'null': 'null', 'nothing': ' ', 'two values': '{}{}',
    'a comment': '{/**/}', 'a comma too many': '{"a":1,}', 'single quotes': "{'a':1}",
    'a byte order mark': '\ufeff{}', 'NaN': '{"a":NaN}', 'a number beyond all': '{"a":1e400}',
    'half a surrogate pair': '{"a":"\\ud800"}', 'the other half': '{"a":"\\udc00"}', 'cut off': '{"a":"b',
    'a NUL behind': '{"a":1}\0', 'a NUL and more': '{"alg":"ES256"}\0{"alg":"none"}',
    'no UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    'too deep': `{"a":${deep(17)}}`, 'far too deep': `{"a":${deep(2000)}}`,
  };
  for (const [name, text] of Object.entries(bad)) {
    refused(`${name} as the header`, forged({ header: text }), /^the header: it is/);
    refused(`${name} as the claims`, forged({ claims: text }), /^the claims: it is/);
  }
});

describe('the encoding', () => {
  const [header, claims, signature] = parts();
  const again = (text) => () => text;
  // The last of 86 characters carries four bits; of them two count.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const leftOver = alphabet[alphabet.indexOf(signature.at(-1)) + 1];
  const mixed = parts({ claims: { x: '\u00ff\u00fe???>>>' } });
  refused('with padding in the header', again(`${header}==.${claims}.${signature}`), /no base64url/);
  refused('with padding in the signature', again(`${header}.${claims}.${signature}==`),
    /the signature: it is no base64url/);
  refused('of the other alphabet', again(`${header}.${mixed[1].replaceAll('-', '+')
    .replaceAll('_', '/')}+.${mixed[2]}`), /no base64url/);
  for (const [name, text] of [['a space', ' '], ['a line end', '\n'], ['a NUL', '\0'], ['a %', '%3D'],
    ['an umlaut', 'ä'], ['a tab', '\t']]) {
    refused(`with ${name} behind`, again(`${header}.${claims}.${signature}${text}`), /no base64url/);
    refused(`with ${name} before`, again(`${text}${header}.${claims}.${signature}`), /no base64url/);
  }
  refused('with bits left over', again(`${header}.${claims}.${signature.slice(0, -1)}${leftOver}`),
    /no base64url/);
  refused('of a length that cannot be',
    again(`${header.slice(0, -(header.length % 4) || undefined)}A.${claims}.${signature}`),
    /no base64url/);
});

describe('the form', () => {
  const [header, claims, signature] = parts();
  for (const [name, text, reason] of [
    ['one part', header, /three parts, this has 1/],
    ['two parts', `${header}.${claims}`, /three parts, this has 2/],
    ['no signature', `${header}.${claims}.`, /signature is missing/],
    ['no claims', `${header}..${signature}`, /claims are missing/],
    ['no header', `.${claims}.${signature}`, /header or its claims are missing/],
    ['nothing but dots', '..', /missing/],
    ['a dot behind', `${header}.${claims}.${signature}.`, /three parts, this has 4/],
    ['a dot before', `.${header}.${claims}.${signature}`, /three parts, this has 4/],
    ['an encrypted token', `${header}.a.b.c.d`, /three parts, this has 5/],
    ['dots without end', '.'.repeat(5000), /three parts, this has 5001/],
    ['the JSON form', JSON.stringify({ payload: claims, protected: header, signature }),
      /no provider took the credentials/],
    ['a scheme before it', `Bearer ${header}.${claims}.${signature}`, /no base64url/],
  ]) refused(name, () => text, reason);
  refused('more bytes than configured', forged({ claims: { x: 'x'.repeat(8192) } }),
    /at most 8192 are taken/);
});

describe('the signature', () => {
  const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const number = (value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
  const zero = Buffer.alloc(32);
  const one = number(1n);
  const halves = (text) => {
    const whole = keys.sign.ES256(text);
    return [whole.subarray(0, 32), whole.subarray(32)];
  };
  const wrong = (name, alg, signature) =>
    refused(`${alg}: ${name}`, forged({ alg, signature }), /signature is wrong/);

  for (const alg of ['HS256', 'RS256', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    const good = keys.sign[alg];
    wrong('by somebody else', alg, attacker.sign[alg]);
    wrong('of another text', alg, (text) => good(`${text}x`));
    wrong('with one bit changed', alg, (text) => {
      const bytes = good(text);
      bytes[bytes.length - 1] ^= 1;
      return bytes;
    });
    wrong('a byte shorter', alg, (text) => good(text).subarray(0, -1));
    wrong('its first byte alone', alg, (text) => good(text).subarray(0, 1));
    wrong('a byte longer', alg, (text) => Buffer.concat([good(text), Buffer.from([0])]));
    wrong('a zero before', alg, (text) => Buffer.concat([Buffer.from([0]), good(text)]));
    wrong('all zeros', alg, (text) => Buffer.alloc(good(text).length));
    wrong('all ones', alg, (text) => Buffer.alloc(good(text).length, 0xff));
  }
  wrong('r is 0', 'ES256', (text) => Buffer.concat([zero, halves(text)[1]]));
  wrong('s is 0', 'ES256', (text) => Buffer.concat([halves(text)[0], zero]));
  wrong('r is the order', 'ES256', (text) => Buffer.concat([number(ORDER), halves(text)[1]]));
  wrong('s is the order', 'ES256', (text) => Buffer.concat([halves(text)[0], number(ORDER)]));
  wrong('r and s are 1', 'ES256', () => Buffer.concat([one, one]));
  wrong('r and s change places', 'ES256', (text) => Buffer.concat(halves(text).toReversed()));
  wrong('as DER', 'ES256', (text) => crypto.sign('sha256', Buffer.from(text), keys.ec.privateKey));
  wrong('with SHA-512', 'ES256', (text) => crypto.sign('sha512', Buffer.from(text),
    { key: keys.ec.privateKey, dsaEncoding: 'ieee-p1363' }));
  wrong('of another curve, filled up', 'ES512',
    (text) => Buffer.concat([keys.sign.ES384(text), Buffer.alloc(36)]));
  for (const namedCurve of ['secp256k1', 'P-384']) {
    const other = crypto.generateKeyPairSync('ec', { namedCurve });
    wrong(`on ${namedCurve}`, 'ES256', (text) => crypto.sign('sha256', Buffer.from(text),
      { key: other.privateKey, dsaEncoding: 'ieee-p1363' }));
  }
  wrong('with PSS', 'RS256', (text) => crypto.sign('sha256', Buffer.from(text),
    { key: keys.rsa.privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING }));
  wrong('with SHA-1', 'RS256', (text) => crypto.sign('sha1', Buffer.from(text), keys.rsa.privateKey));
  wrong('with SHA-512', 'RS256',
    (text) => crypto.sign('sha512', Buffer.from(text), keys.rsa.privateKey));
  wrong('of half the length', 'HS256', (text) => keys.sign.HS256(text).subarray(0, 16));
  wrong('with SHA-512', 'HS256',
    (text) => crypto.createHmac('sha512', keys.secret).update(text).digest());
  wrong('S with the order added', 'EdDSA', (text) => {
    const bytes = keys.sign.EdDSA(text);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
    return Buffer.concat([bytes.subarray(0, 32), number(s).reverse()]);
  });
  refused('of another good token', () => {
    const [header, claims] = parts({ claims: { sub: 'root' } });
    return `${header}.${claims}.${parts()[2]}`;
  }, /signature is wrong/);
});

describe('the times', () => {
  const at = (seconds) => () => forge(keys, { claims: seconds(nowSeconds()) });
  refused('exp is missing', at(() => ({ exp: undefined })), /has no 'exp'/);
  refused('exp is a second ago', at((now) => ({ exp: now - 1 })), /has expired/, 1302);
  refused('exp is now', at((now) => ({ exp: now })), /has expired/, 1302);
  refused('exp is 0', at(() => ({ exp: 0, iat: undefined })), /lifetime is limited/);
  refused('exp was yesterday', at((now) => ({ exp: now - 86400, iat: now - 90000 })), /has expired/, 1302);
  for (const exp of ['9999999999', null, true, [9999999999], {}, -1, 1e18]) {
    refused(`exp is ${JSON.stringify(exp)}`, at(() => ({ exp })), /'exp' is no time in seconds/);
  }
  refused('exp in milliseconds', at((now) => ({ exp: now * 1000 })), /no time in seconds|lifetime/);
  refused('nbf is in a minute', at((now) => ({ nbf: now + 60 })), /does not count yet/);
  for (const nbf of ['0', null, -1]) {
    refused(`nbf is ${JSON.stringify(nbf)}`, at(() => ({ nbf })), /'nbf' is no time in seconds/);
  }
  refused('iat is in a minute', at((now) => ({ iat: now + 60 })), /issued in the future/);
  refused('iat is a text', at(() => ({ iat: 'now' })), /'iat' is no time in seconds/);
  refused('longer than a day', at((now) => ({ exp: now + 86401 })), /lifetime is longer/);
  refused('without iat', at(() => ({ iat: undefined })), /has no 'iat'/);
});

describe('issuer, audience and user', () => {
  const claims = (changes) => forged({ claims: changes });
  refused('no iss', claims({ iss: undefined }), /has no 'iss'/);
  for (const iss of [null, 1, [ISSUER]]) {
    refused(`iss ${JSON.stringify(iss)}`, claims({ iss }), /'iss' is no text/);
  }
  for (const iss of [`${ISSUER}/`, ISSUER.toUpperCase(), 'https://id.example.evil', '']) {
    refused(`iss '${iss}'`, claims({ iss }), /no provider took the credentials/);
  }
  test('of another issuer: the provider says so in the log', async () => {
    await server.line(/auth\.people: a token is left to other providers: it was issued by 'https:\/\/id\.example\.evil'/);
  });
  refused('no aud', claims({ aud: undefined }), /has no 'aud'/);
  for (const aud of [null, 1, [], {}, [AUDIENCE, 1]]) {
    refused(`aud ${JSON.stringify(aud)}`, claims({ aud }), /'aud' is no text and no array/);
  }
  for (const aud of ['', 'https://other.example', `${AUDIENCE}.evil`, ['a', 'b'],
    `${AUDIENCE} https://other.example`]) {
    refused(`aud ${JSON.stringify(aud)}`, claims({ aud }), /it is meant for '/);
  }
  refused('no sub', claims({ sub: undefined }), /claim 'sub' is missing/);
  for (const sub of [null, 7, ['ann'], {}]) {
    refused(`sub ${JSON.stringify(sub)}`, claims({ sub }), /claim 'sub' is no text/);
  }
  for (const sub of ['', '$system', 'ann\0', 'a\nb', '\u0085', 'x'.repeat(256)]) {
    refused(`sub ${JSON.stringify(sub).slice(0, 20)}`, claims({ sub }), /claim 'sub' is no name/);
  }
  refused('roles that are a number', claims({ roles: 7 }), /'roles' is no list/);
  refused('a role that is a number', claims({ roles: ['a', 7] }), /something that is no text/);
  refused('a role without a name', claims({ roles: [''] }), /a role is/);
  refused('65 roles', claims({ roles: Array.from({ length: 65 }, (_, i) => `r${i}`) }),
    /more than 64 roles/);
});

test('no token, and no part of one that could be used, is in the log', () => {
  assert.ok(told >= 60, `${told} attacks`);
  for (const token of shown) {
    const signature = token.split('.').at(-1);
    if (signature.length >= 20) assert.ok(!server.output.includes(signature), token);
  }
  assert.ok(!server.output.includes(keys.secret));
});

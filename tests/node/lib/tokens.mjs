// SPDX-License-Identifier: Apache-2.0
// Tokens as an attacker makes them: every part is the caller's. Good ones come from the npm package
// `jose`, see jwt.test.mjs.

import crypto from 'node:crypto';

export const ISSUER = 'https://id.example';
export const AUDIENCE = 'https://sync.example';

export const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Text, bytes or JSON in base64url. */
export const part = (content) => Buffer.from(
  typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content))
  .toString('base64url');

/** A pair for each algorithm, with what signs and the JWK that verifies. */
export function makeKeys(prefix = '') {
  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [ec384, ec521] = ['P-384', 'P-521'].map((namedCurve) => crypto.generateKeyPairSync('ec', { namedCurve }));
  const ecdsa = (hash, pair) =>
    (text) => crypto.sign(hash, Buffer.from(text), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  const ed = crypto.generateKeyPairSync('ed25519');
  const secret = crypto.randomBytes(24).toString('base64');
  const jwkOf = (pair, alg, kid) =>
    ({ ...pair.publicKey.export({ format: 'jwk' }), alg, kid, use: 'sig' });
  return {
    rsa, ec, ec384, ec521, ed, secret,
    set: {
      keys: [jwkOf(rsa, 'RS256', `${prefix}rsa`), jwkOf(ec, 'ES256', `${prefix}ec`),
        jwkOf(ec384, 'ES384', `${prefix}ec384`), jwkOf(ec521, 'ES512', `${prefix}ec521`),
        jwkOf(ed, 'EdDSA', `${prefix}ed`)],
    },
    ids: {
      RS256: `${prefix}rsa`, ES256: `${prefix}ec`, ES384: `${prefix}ec384`, ES512: `${prefix}ec521`,
      EdDSA: `${prefix}ed`, HS256: `${prefix}hs`,
    },
    sign: {
      RS256: (text) => crypto.sign('sha256', Buffer.from(text), rsa.privateKey),
      ES256: ecdsa('sha256', ec),
      ES384: ecdsa('sha384', ec384),
      ES512: ecdsa('sha512', ec521),
      EdDSA: (text) => crypto.sign(null, Buffer.from(text), ed.privateKey),
      HS256: (text) => crypto.createHmac('sha256', secret).update(text).digest(),
    },
  };
}

/** Claims that are good for an hour; `undefined` removes one. */
export const goodClaims = (changes = {}) => ({
  iss: ISSUER, aud: AUDIENCE, sub: 'ann', iat: nowSeconds() - 1, exp: nowSeconds() + 3600, ...changes,
});

/**
 * A token that is good but for what is changed. `header` and `claims` are members to change, or
 * the whole text; `signature` makes the bytes of the signed text.
 */
export function forge(keys, { alg = 'ES256', header = {}, claims = {}, signature } = {}) {
  const whole = (changes, base) => (typeof changes === 'string' || Buffer.isBuffer(changes)
    ? changes : { ...base, ...changes });
  const signed = `${part(whole(header, { alg, typ: 'JWT', kid: keys.ids[alg] }))}.`
    + part(whole(claims, goodClaims()));
  return `${signed}.${part((signature ?? keys.sign[alg])(signed))}`;
}

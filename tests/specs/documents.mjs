// SPDX-License-Identifier: Apache-2.0
// The two documents, and a validator of what they describe.

import fs from 'node:fs';
import path from 'node:path';

import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import YAML from 'yaml';

import { source } from '../node/lib/build.mjs';

export const openapiFile = path.join(source, 'docs/openapi.yaml');
export const asyncapiFile = path.join(source, 'docs/asyncapi.yaml');

export const read = (file) => YAML.parse(fs.readFileSync(file, 'utf8'));

/** A function from a JSON pointer into the document to its validator. */
export function validators(document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, 'document');
  // As files beside each other refer to each other.
  ajv.addSchema(read(asyncapiFile), path.basename(asyncapiFile));
  const made = new Map();
  return (pointer) => {
    if (!made.has(pointer)) made.set(pointer, ajv.compile({ $ref: `document#${pointer}` }));
    return made.get(pointer);
  };
}

export const escaped = (name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

/** Follows `$ref` once. */
export function resolved(document, node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split('/').reduce(
    (at, name) => at[name.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

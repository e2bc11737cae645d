// SPDX-License-Identifier: Apache-2.0
// What every server is given to do. A channel has one record of 8 fields of 20 bytes, about 200 bytes
// of JSON, and an op overwrites one of its fields; or an op adds a record of its own of 200 bytes.
export const RECORD = 'record';
export const FIELDS = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7'];
const RECORD_BYTES = 200;

export const channelNames = (count) => Array.from({ length: count }, (_, i) => `bench:${i}`);

const text = (number, bytes) => String(number).padStart(bytes, 'x');

/** The record before the first op, for servers that have to make it first. */
export const firstRecord = () => Object.fromEntries(FIELDS.map((field) => [field, text(0, 20)]));

/** Op `number` of a writer that overwrites `fields` in turn: {record, field, value}. */
export const overwrite = (fields) => (number) => (
  { record: RECORD, field: fields[number % fields.length], value: text(number, 20) });

/** Op `number` adds a record. */
export const add = (number) => ({ record: `record:${number}`, field: 'text', value: text(number, RECORD_BYTES) });

export const shapes = { overwrite: overwrite(FIELDS), add };

/** What `count` ops from number 1 on leave behind, as `valuesOf` tells it. */
export function resultOf(opAt, count) {
  const values = new Map();
  for (let number = 1; number <= count; number += 1) {
    const { record, field, value } = opAt(number);
    values.set(record === RECORD ? field : record, value);
  }
  return values;
}

/** The values of records of either shape, by field of the one record or by record. */
export function valuesOf(records) {
  const values = new Map();
  for (const [record, fields] of records) {
    if (record !== RECORD) values.set(record, fields.text);
    else for (const [field, value] of Object.entries(fields)) values.set(field, value);
  }
  return values;
}

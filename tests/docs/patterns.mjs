// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';

/** A line with `…` for anything, as a pattern for the whole of another. */
export const patternOf = (line) => new RegExp(
  `^${line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);

/** Each line that is shown is among those that came, whatever their order. */
export function expectLines(shown, came) {
  const left = [...came];
  for (const line of shown) {
    const found = left.findIndex((other) => patternOf(line).test(other));
    assert.notEqual(found, -1, `${line}\nis not among\n${left.join('\n')}`);
    left.splice(found, 1);
  }
}

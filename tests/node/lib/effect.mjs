// SPDX-License-Identifier: Apache-2.0

import { isDeepStrictEqual } from 'node:util';

import { applyPatch } from './json_patch.mjs';

/** RFC 7396. */
export function mergePatch(target, patch) {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const isObject = target !== null && typeof target === 'object' && !Array.isArray(target);
  const merged = isObject ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

function increment(value, steps, by) {
  if (steps.length === 0) return (value ?? 0) + by;
  const [step, ...rest] = steps;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[step] = increment(copy[step], rest, by);
  return copy;
}

const stepsOf = (path) => path.split('/').slice(1)
  .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The record with `change(array)` in the place of the array at a path, which may be missing. */
function changeArray(value, steps, change) {
  if (steps.length === 0) return change(value ?? []);
  const [step, ...rest] = steps;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[step] = changeArray(copy[step], rest, change);
  return copy;
}

function exists(value, steps) {
  return steps.reduce((at, step) => (at === null || typeof at !== 'object' ? undefined : at[step]),
    value) !== undefined;
}

function changeSet(set, op) {
  const at = set.findIndex((element) => isDeepStrictEqual(element, op.value));
  if (op.kind === 'remove') return at < 0 ? set : set.toSpliced(at, 1);
  return at < 0 ? [...set, op.value] : set;
}

const indexOf = (list, id) => list.findIndex((element) => element?.id === id);

function changeList(list, op) {
  const at = indexOf(list, op.element);
  if (op.kind === 'erase') return at < 0 ? list : list.toSpliced(at, 1);
  const element = op.kind === 'move' ? list[at] : { ...op.value, id: op.element };
  if (op.kind === 'insert' && at >= 0 && op.behind === undefined) return list.with(at, element);
  const rest = at < 0 ? list : list.toSpliced(at, 1);
  if (op.behind === null) return [element, ...rest];
  const before = op.behind === undefined ? -1 : indexOf(rest, op.behind);
  return rest.toSpliced(before < 0 ? rest.length : before + 1, 0, element);
}

/** What a record is after one effective op. Clients never need the strategy that made it. */
export function apply(value, op) {
  switch (op.kind) {
    case 'set':
      return op.value;
    case 'merge':
      return mergePatch(value, op.value);
    case 'increment':
      return increment(value, stepsOf(op.path), op.by);
    case 'patch':
      return applyPatch(value ?? null, op.patch);
    case 'add':
    case 'remove':
    case 'insert':
    case 'move':
    case 'erase': {
      const steps = stepsOf(op.path);
      const adds = op.kind === 'add' || op.kind === 'insert';
      if (!adds && !exists(value, steps)) return value;
      const change = op.kind === 'add' || op.kind === 'remove' ? changeSet : changeList;
      return changeArray(value, steps, (array) => change(array, op));
    }
    case 'delete':
      return undefined;
    default:
      throw new Error(`an update of an unknown kind: ${op.kind}`);
  }
}

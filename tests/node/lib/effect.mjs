// SPDX-License-Identifier: Apache-2.0

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

/** What a record is after one effective op. Clients never need the strategy that made it. */
export function apply(value, op) {
  switch (op.kind) {
    case 'set':
      return op.value;
    case 'merge':
      return mergePatch(value, op.value);
    case 'increment': {
      const steps = op.path.split('/').slice(1)
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
      return increment(value, steps, op.by);
    }
    case 'delete':
      return undefined;
    default:
      throw new Error(`an update of an unknown kind: ${op.kind}`);
  }
}

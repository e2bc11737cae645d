// SPDX-License-Identifier: Apache-2.0
// JSON Patch (RFC 6902), as a client applies an update of kind `patch`. Patches that the server sent
// can be applied, so nothing is checked that the server has checked.

const steps = (pointer) => pointer.split('/').slice(1)
  .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

function at(document, path) {
  return path.reduce((value, token) => value[token], document);
}

function add(document, path, value) {
  if (path.length === 0) return value;
  const last = path.at(-1);
  const parent = at(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(last === '-' ? parent.length : Number(last), 0, value);
  else parent[last] = value;
  return document;
}

function remove(document, path) {
  const parent = at(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
  else delete parent[path.at(-1)];
  return document;
}

/** The document that the patch makes of `document`, which stays as it is. */
export function applyPatch(document, patch) {
  let result = structuredClone(document);
  for (const step of patch) {
    const path = steps(step.path);
    const from = step.from === undefined ? null : steps(step.from);
    switch (step.op) {
      case 'add':
        result = add(result, path, structuredClone(step.value));
        break;
      case 'replace':
        if (path.length === 0) {
          result = structuredClone(step.value);
        } else {
          at(result, path.slice(0, -1))[path.at(-1)] = structuredClone(step.value);
        }
        break;
      case 'remove':
        result = path.length === 0 ? null : remove(result, path);
        break;
      case 'copy':
        result = add(result, path, structuredClone(at(result, from)));
        break;
      case 'move': {
        if (step.from === step.path) break;
        const moved = at(result, from);
        result = from.length === 0 ? result : remove(result, from);
        result = add(result, path, moved);
        break;
      }
      default:
        break; // a test has passed
    }
  }
  return result;
}

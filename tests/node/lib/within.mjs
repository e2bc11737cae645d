// SPDX-License-Identifier: Apache-2.0

/** How long a test waits for what must happen before it says that it did not. */
export const PATIENCE_MS = 60_000;

/** `promise`, or a failure that says what was waited for. Nothing is ever waited for by time. */
export function within(promise, what, patienceMs = PATIENCE_MS) {
  const failure = new Error();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      failure.message = `waited ${patienceMs} ms for ${typeof what === 'function' ? what() : what}`;
      reject(failure);
    }, patienceMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Asks again and again, until what it answers is true; answers that. */
export function again(question, what) {
  let asking = true;
  const ask = async () => {
    for (;;) {
      const answer = await question();
      if (answer || !asking) return answer;
    }
  };
  return within(ask(), what).finally(() => { asking = false; });
}

/** A promise with its two ends. */
export function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

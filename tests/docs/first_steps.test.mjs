// SPDX-License-Identifier: Apache-2.0
// docs/first-steps.md, as it stands there: the page in a real browser, by keyboard; curl; npm's ws.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { after, test } from 'node:test';

import { startBrowser } from '../node/lib/browser.mjs';
import { source } from '../node/lib/build.mjs';
import { within } from '../node/lib/within.mjs';
import { fencedBlocks } from './markdown.mjs';
import { expectLines } from './patterns.mjs';
import { startShipped } from './shipped.mjs';

const DOCUMENT = 'docs/first-steps.md';
const server = await startShipped({ after });
const openPage = await startBrowser({ after });
const here = (text) => text.replaceAll('127.0.0.1:8080', `127.0.0.1:${server.port}`);

const blocks = fencedBlocks(DOCUMENT);

/** A button or a field of a client's card, by what a person calls it. */
const place = (name, card) => `[...document.querySelectorAll('.client')]
  .find((card) => card.querySelector('h3').textContent === ${JSON.stringify(card)})
  .querySelector(${JSON.stringify({
    'Go offline': '[data-do=toggle]', 'Go online': '[data-do=toggle]', '+': '[data-do=more]',
    '−': '[data-do=less]',
  }[name] ?? `[data-field=${name.toLowerCase()}]`)})`;

/** Goes there as somebody without a mouse does. */
async function tabTo(page, expression) {
  for (let steps = 0; steps < 40; ++steps) {
    if (await page.evaluate(`document.activeElement === ${expression}`)) return;
    await page.press('Tab');
  }
  assert.fail(`no tab stop leads to ${expression}`);
}

const STEPS = [
  [/^see "(.*)" at (.*)$/, (page, text, card) => page.until(
    `[...document.querySelectorAll('.client')].some((card) =>
      card.querySelector('h3').textContent === ${JSON.stringify(card)}
      && [...card.querySelectorAll('[role=status]')].some((one) => one.textContent === ${JSON.stringify(text)}))`)],
  [/^see "(.*)" in (.*) of (.*)$/, (page, text, field, card) => page.until(
    `[${place(field, card)}].some((one) =>
      (one.value ?? one.textContent) === ${JSON.stringify(text)})`)],
  [/^type "(.*)" into (.*) of (.*)$/, async (page, text, field, card) => {
    await tabTo(page, place(field, card));
    await page.type(text);
  }],
  [/^press (.*) of (.*)$/, async (page, name, card) => {
    await tabTo(page, place(name, card));
    if (name.startsWith('Go ')) {
      assert.equal(await page.evaluate(`${place(name, card)}.textContent`), name);
    }
    await page.press('Enter');
  }],
];

async function take(page, line) {
  for (const [pattern, step] of STEPS) {
    const match = pattern.exec(line);
    if (match) return step(page, ...match.slice(1));
  }
  return assert.fail(`no step: ${line}`);
}

test('the page shows what it says, by keyboard alone', async () => {
  const page = await openPage();
  await page.open(`${server.http}/`);
  const lines = blocks.filter(({ info }) => info === 'page').flatMap((block) => block.lines);
  assert.ok(lines.length >= 15, `${lines.length} steps`);
  for (const line of lines) {
    try {
      await take(page, line);
    } catch (error) {
      error.message = `${line}: ${error.message}`;
      throw error;
    }
  }
  assert.deepEqual(page.complaints, []);
});

test('the page fits narrow and wide screens, light and dark', async () => {
  const page = await openPage();
  for (const dark of [false, true]) {
    for (const width of [320, 360, 768, 1280]) {
      await page.look({ width, dark });
      await page.open(`${server.http}/`);
      await page.until(`document.querySelectorAll('.state[data-state=live]').length === 2
        && document.querySelectorAll('#plugins tr').length > 20`);
      assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width} px`);
      assert.deepEqual(await page.evaluate(TOO_FAINT), [], `${dark ? 'dark' : 'light'}, ${width} px`);
    }
  }
  assert.deepEqual(page.complaints, []);
});

/** Texts whose contrast with what is behind them is below 4.5, as WCAG 2 counts. */
const TOO_FAINT = `(() => {
  const rgb = (color) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (color) => rgb(color).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(color)) return color;
    }
    return 'white';
  };
  return [...document.querySelectorAll('body *')]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((one) => one.checkVisibility() && !['TEMPLATE', 'SCRIPT'].includes(one.tagName))
    .filter((one) => {
      const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5;
    }).map((one) => one.outerHTML.slice(0, 80));
})()`;

test('the page runs its own scripts alone, and in no frame', async () => {
  const policy = (await server.fetch('/')).headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'; script-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'/);
  const page = await openPage();
  await page.open(`${server.http}/`);
  await page.evaluate(`(() => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
  })()`);
  assert.equal(await page.evaluate('window.injected'), undefined);
});

test('every part of the page that can be used has a name and a visible focus', async () => {
  const page = await openPage();
  await page.open(`${server.http}/`);
  await page.until(`document.querySelectorAll('.state[data-state=live]').length === 2`);
  await page.send('Accessibility.enable');
  const { nodes } = await page.send('Accessibility.getFullAXTree');
  const usable = nodes.filter(({ role }) => ['button', 'textbox', 'link'].includes(role?.value));
  assert.ok(usable.length >= 10, `${usable.length} parts`);
  for (const { role, name } of usable) assert.notEqual(name?.value ?? '', '', role.value);
  for (let stop = 0; stop < 6; ++stop) {
    await page.press('Tab');
    assert.notEqual(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none');
  }
});

test('what the README types into the console works in a browser', async () => {
  const page = await openPage();
  await page.open(`${server.http}/`);
  const readme = fencedBlocks('README.md');
  const at = readme.findIndex(({ info }) => info === 'js');
  const shown = readme[at + 1].lines;
  const lines = [];
  const came = new Promise((resolve) => {
    page.onConsole = (line) => { if (lines.push(line) === shown.length) resolve(); };
  });
  await page.evaluate(here(readme[at].lines.join('\n')));
  await within(came, () => `${shown.length} lines; got ${lines.join('\n')}`);
  expectLines(shown, lines);
});

/** Runs commands of the document in one shell until `count` lines match, or to their end. */
async function run(commands, pattern = /./, count = Infinity) {
  const child = spawn('bash', ['-c', here(commands)], {
    cwd: path.join(source, 'tests/node'),
    env: { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const lines = [];
  const read = async () => {
    for await (const line of readline.createInterface({ input: child.stdout })) {
      if (pattern.test(line) && lines.push(line) === count) break;
    }
  };
  await within(read(), () => `${count} lines; got ${lines.join('\n')}`);
  if (count !== Infinity) process.kill(-child.pid, 'SIGKILL');
  return lines;
}

const under = (heading, infos) =>
  blocks.filter((block) => block.heading === heading && infos.includes(block.info));

test('curl is answered as it is shown', async () => {
  const [make, ...examples] = under('curl', ['sh', 'json', 'text']);
  const [client] = await run(`${make.lines.join('\n')}\necho "$client"`);
  assert.ok(examples.length >= 6);
  for (let i = 0; i < examples.length; i += 2) {
    const [command, shown] = examples.slice(i, i + 2);
    const events = shown.info === 'text';
    const came = await run(`client=${client}\n${command.lines.join('\n')}`,
      events ? /^data:/ : /./, events ? shown.lines.length : Infinity);
    expectLines(shown.lines, came);
  }
});

test('the one line for npm is answered as it is shown', async () => {
  // The package is there already, in the version that the tests pin.
  const [install, command, shown] = under('npm', ['sh', 'text']);
  assert.deepEqual(install.lines, ['npm install ws']);
  assert.equal(command.lines.length, 1, 'one line');
  expectLines(shown.lines, await run(command.lines[0], /./, shown.lines.length));
});

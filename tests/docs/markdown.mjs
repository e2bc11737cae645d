// SPDX-License-Identifier: Apache-2.0

import fs from 'node:fs';
import path from 'node:path';

import { source } from '../node/lib/build.mjs';

/** The fenced blocks of a document below the root: { info, lines, firstLine, heading }. */
export function fencedBlocks(document) {
  const text = fs.readFileSync(path.join(source, document), 'utf8');
  const blocks = [];
  let open = null;
  let heading = '';
  for (const [i, line] of text.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (open && fence?.[1] === '') {
      blocks.push(open);
      open = null;
    } else if (open) {
      open.lines.push(line);
    } else if (fence) {
      open = { info: fence[1].trim(), lines: [], firstLine: i + 2, heading };
    } else {
      heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    }
  }
  if (open) throw new Error(`${document}:${open.firstLine}: a block without its end`);
  return blocks;
}

/** The lines below a heading, up to the next of its level or above; without one, all of the document. */
function linesBelow(document, heading) {
  const lines = fs.readFileSync(path.join(source, document), 'utf8').split('\n');
  if (heading === undefined) return lines;
  const at = lines.indexOf(heading);
  if (at < 0) throw new Error(`${document} has no '${heading}'`);
  const level = /^#+/.exec(heading)[0].length;
  // One alone begins a comment in a block of commands as well.
  const end = lines.findIndex((line, i) => i > at && /^(##+) /.exec(line)?.[1].length <= level);
  return lines.slice(at + 1, end < 0 ? undefined : end);
}

/** The text below a heading. */
export const textBelow = (document, heading) => linesBelow(document, heading).join('\n');

/** The rows of the tables below a heading, or of all, each as its cells. */
export function tableRows(document, heading) {
  return linesBelow(document, heading)
    .filter((line) => /^\|.*\|$/.test(line))
    .map((line) => line.slice(1, -1).split('|').map((cell) => cell.trim()));
}

/** Links to files and places, as they are written: { target, anchor, line }. Not those within code. */
export function relativeLinks(document) {
  const lines = fs.readFileSync(path.join(source, document), 'utf8').split('\n');
  const inBlocks = new Set(fencedBlocks(document)
    .flatMap(({ firstLine, lines: within }) => within.map((_, i) => firstLine + i)));
  return lines.flatMap((line, i) => (inBlocks.has(i + 1) ? []
    : [...line.replaceAll(/`[^`]*`/g, (code) => code.replaceAll(/[()[\]]/g, ' '))
      .matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)]
      .map(([, target, anchor]) => ({ target, anchor, line: i + 1 }))))
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** What links may lead to within a document: its headings, as forges name them. */
export function anchorsOf(document) {
  const text = fs.readFileSync(path.join(source, document), 'utf8').replaceAll(/^```[^]*?^```$/gm, '');
  return new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, '').replaceAll(' ', '-')));
}

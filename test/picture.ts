/**
 * Makes the picture of the README from a real run: starts the demo on a pseudo-terminal, waits for a decision in the
 * midst of a touch, and lets Chromium draw the frame that was on the screen. Needs `script` (util-linux) and Chromium.
 *
 *   npm run picture
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, whorl } from './support/paths.js';
import { findProgram } from './support/programs.js';

const target = join(root, 'runtime', 'live-view', 'live-view.png');
const escapeCharacter = String.fromCharCode(27);
const colourCode = new RegExp(`(${escapeCharacter}\\[[0-9;]*m)`);
const anyCode = new RegExp(`${escapeCharacter}\\[[0-9;?]*[A-Za-z]`, 'g');
/** Columns in which the finger is drawn. */
const finger = 30;
/** Decisions before the picture is taken. */
const decisions = 9;
const size = { width: 860, height: 520 };

/** Frames of the demo as text with colour codes, until one satisfies `wanted`. */
function frameOf(wanted: (frame: string) => boolean): Promise<string> {
  const command = `${process.execPath} ${whorl} demo --seed 5`;
  const child = spawn('script', ['-qec', `stty cols 80 rows 24; ${command}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let seen = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stdout.on('data', (bytes) => {
      seen += String(bytes);
      const frames = seen.split(`${escapeCharacter}[H`);
      seen = frames.at(-1)!;
      const found = frames.slice(0, -1).findLast(wanted);
      if (found === undefined) return;
      child.stdout.removeAllListeners('data').resume();
      child.stdin.write('q');
      child.once('exit', () => resolve(found));
    });
  });
}

/** A busy frame: so many decisions, and taxels that are being touched. */
function isBusy(frame: string): boolean {
  const lines = frame.replaceAll(anyCode, '').split('\n');
  const touched =
    lines
      .map((line) => line.slice(0, finger))
      .join('')
      .match(/[o●∘]/g) ?? [];
  const seen = Number(/windows +(\d+)/.exec(lines.join('\n'))?.[1] ?? 0);
  return seen >= decisions && touched.length > 14;
}

function html(frame: string): string {
  const body = frame.replaceAll('\r', '').split('\n').map(lineHtml).join('\n');
  return `<meta charset="utf-8"><body style="margin:0;background:#14171c"><pre style="margin:18px 22px;font:16px/1.45 'DejaVu Sans Mono',monospace;color:#d8dee9">${body}</pre>`;
}

function lineHtml(line: string): string {
  let out = '';
  let style = '';
  for (const part of line.split(colourCode)) {
    if (colourCode.test(part)) style = css(part.slice(2, -1));
    else if (part !== '')
      out += `<span style="${style}">${part.replaceAll(anyCode, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</span>`;
  }
  return out;
}

function css(codes: string): string {
  const colour = /38;5;(\d+)/.exec(codes);
  const bold = /(^|;)1(;|$)/.test(codes) ? 'font-weight:bold;' : '';
  return colour === null ? bold : `${bold}color:${rgb(Number(colour[1]))}`;
}

/** Colour of the 256-colour palette: a cube of 6 x 6 x 6 from 16 on, greys from 232 on. */
function rgb(index: number): string {
  if (index >= 232)
    return `rgb(${Array(3)
      .fill(8 + 10 * (index - 232))
      .join(',')})`;
  const level = (n: number): number => (n === 0 ? 0 : 55 + 40 * n);
  const i = index - 16;
  return `rgb(${[Math.floor(i / 36), Math.floor(i / 6) % 6, i % 6].map(level).join(',')})`;
}

const folder = mkdtempSync(join(tmpdir(), 'whorl-picture-'));
try {
  const page = join(folder, 'frame.html');
  writeFileSync(page, html(await frameOf(isBusy)));
  const chromium = findProgram('chromium');
  if (chromium === undefined) throw new Error('needs chromium (Debian: apt install chromium)');
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--disable-background-networking',
    `--user-data-dir=${folder}/profile`,
  ];
  execFileSync(
    chromium,
    [...flags, `--window-size=${size.width},${size.height}`, `--screenshot=${target}`, `file://${page}`],
    { stdio: 'ignore' },
  );
  console.log(`wrote ${target}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

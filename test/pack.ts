/**
 * Puts gpu.js into the package that is about to be packed (`npm pack`, `npm publish`). As a dependency it would bring its
 * native packages along: 84 MB that do not load on every board, and a compiler run. models/engine/gpu/DESIGN.md tells
 * what else was tried.
 *
 *   node dist/test/pack.js [FOLDER]            copies, FOLDER being the package (default: this checkout)
 *   node dist/test/pack.js --clean [FOLDER]    takes the copy away again
 */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './support/paths.js';

/** What gpu.js loads. `gl` is empty here: it stands where gpu.js will look for the real one (see native.ts). */
const packages = ['gpu.js', 'acorn', 'gpu-mock.js', 'gl'];
/** For web pages and command lines, which nothing here needs. */
const left = [join('gpu.js', 'dist'), join('acorn', 'bin')];

/** Copies the packages to where Node looks for them from anywhere below dist. */
function bundle(target: string): void {
  const source = join(root, 'node_modules');
  const { name } = JSON.parse(readFileSync(join(source, 'gl', 'package.json'), 'utf8')) as { name: string };
  if (name === 'gl')
    throw new Error('the real package gl is installed; npm ci puts an empty one in its place');
  for (const packed of packages)
    cpSync(join(source, packed), join(target, packed), {
      recursive: true,
      filter: (file) => !left.includes(relative(source, file)),
    });
}

const [first, second] = process.argv.slice(2);
const clean = first === '--clean';
const target = join((clean ? second : first) ?? root, 'dist', 'node_modules');
rmSync(target, { recursive: true, force: true });
if (!clean) bundle(target);

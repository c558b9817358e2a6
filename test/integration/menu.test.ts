/** `npm run drill`, `bench`, `study` and `fuzz` as processes: their lists, and words that they can do nothing with. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../support/paths.js';

function menu(kind: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'dist/test', kind, 'main.js'), ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

describe('menus of programs', { timeout: 60_000 }, () => {
  for (const [kind, listed] of Object.entries({
    drill: 'swap',
    bench: 'decode',
    study: 'family',
    fuzz: 'models',
  }))
    test(`${kind}: help is the list, with a name before it, too; a wrong name is told in a line`, () => {
      const help = menu(kind, '--help');
      assert.deepEqual([help.status, help.stderr], [0, '']);
      assert.match(help.stdout, new RegExp(`^npm run ${kind} -- NAME.*\n(.*\n)*  ${listed} `));
      const wrong = menu(kind, 'swop');
      assert.equal(wrong.status, 2);
      assert.match(wrong.stderr, new RegExp(`^no ${kind} 'swop'; there are: .*${listed}.*\n$`));
      assert.equal(menu(kind, listed, '--help').stdout, help.stdout);
    });

  test('wrong words after the name are told in a line, with exit code 2', () => {
    for (const [kind, ...args] of [
      ['drill', 'swap', 'many'],
      ['drill', 'scale-out', '40', '1', 'maim'],
      ['drill', 'unplug', '1', '1', '1'],
      ['bench', 'decode', '--windows'],
      ['bench', 'load', '--ring', 'wide'],
      ['bench', 'srm', 'x'],
      ['fuzz', 'models', '1.5'],
      ['study', 'family', '-1'],
    ] as const) {
      const { status, stdout, stderr } = menu(kind, ...args);
      assert.deepEqual([status, stdout], [2, ''], args.join(' '));
      assert.match(stderr, /^.+\n$/);
    }
  });
});

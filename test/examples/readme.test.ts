/** What the READMEs show is true: programs compile and run, commands exist, tables and messages are those of the code. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { readModelFile } from '../../models/index.js';
import { demoModel, modelPath } from '../../runtime/bundled.js';
import { commands } from '../../runtime/cli/commands.js';
import { DELIVERY } from '../../runtime/publish/index.js';
import { RESPONSE } from '../../runtime/publish/messages/catalog.js';
import { commandNames } from '../support/edge-commands.js';
import { assertMessage } from '../support/message-schemas.js';
import { root } from '../support/paths.js';
import { calledCommand } from '../support/program.js';
import { temporaryFolder } from '../support/small-model.js';

const exec = promisify(execFile);
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'models/README.md', 'devices/README.md', 'runtime/README.md'],
  ...['runtime/config/README.md', 'runtime/deploy/README.md', 'SECURITY.md'],
];

function page(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Blocks of code of these languages; '' is a block that names none. */
function blocks(path: string, ...languages: string[]): string[] {
  const found = page(path).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...found].filter(([, language]) => languages.includes(language!)).map(([, , text]) => text!);
}

/** What a page tells to type, in blocks and between backticks. */
function typed(path: string): string[] {
  const spans = [...page(path).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!.replaceAll('\\|', '|'));
  const lines = blocks(path, '', 'sh', 'bash').flatMap((block) => block.split('\n'));
  return [...spans, ...lines]
    .flatMap((text) => text.split('&&'))
    .map((text) => text.trim().replace(/\s+#.*$/, ''));
}

test('the program of the README compiles against the package, and classifies a window', async () => {
  const [program, ...others] = blocks('README.md', 'ts');
  assert.deepEqual(others, []);
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules', 'whorl'));
  symlinkSync(join(root, 'node_modules', '@types', 'node'), join(folder, 'node_modules', '@types', 'node'));
  const source = join(folder, 'program.mts');
  writeFileSync(source, program!);
  const options =
    '--target es2022 --module nodenext --strict --noUncheckedIndexedAccess --skipLibCheck --types node';
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const compiled = await exec(tsc, [...options.split(' '), source], { cwd: folder }).catch(({ stdout }) =>
    assert.fail(stdout),
  );
  assert.equal(compiled.stdout, '');
  const { stdout, stderr } = await exec(process.execPath, [join(folder, 'program.mjs')], { cwd: root });
  assert.match(stdout, /^[a-z]+ 0\.\d+\n$/);
  assert.equal(stderr, '');
});

describe('commands that are told to type', () => {
  for (const path of pages) {
    const lines = typed(path).filter((line) => /^whorl(?: [a-z]|$)/.test(line));
    if (lines.length > 0)
      test(`exist: ${path}`, async () => {
        for (const line of lines) {
          const [, ...words] = line.split(/\s+/);
          if (words.length === 0 || words[0] === 'help') continue;
          const called = await calledCommand(words);
          assert.ok(called !== undefined, `there is no such command: ${line}`);
          assert.deepEqual(called.command.parseOptions(called.args).unknown, [], line);
        }
      });
  }

  test('are in the README, all of them', () => {
    const told = new Set(typed('README.md').map((line) => line.split(' ').slice(0, 2).join(' ')));
    for (const { name } of commands) assert.ok(told.has(`whorl ${name}`), name);
  });

  test('npm scripts exist', () => {
    const { scripts } = JSON.parse(page('package.json')) as { scripts: Record<string, string> };
    for (const path of pages)
      for (const line of typed(path)) {
        const [, name] = /^npm (?:run )?([a-z:-]+)/.exec(line) ?? [];
        if (name !== undefined && !['ci', 'install', 'pack'].includes(name))
          assert.ok(name in scripts, `${path}: ${line}`);
      }
  });
});

test('links lead to files', () => {
  for (const path of pages)
    for (const [, link] of page(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
      if (!link!.startsWith('http'))
        assert.ok(existsSync(join(root, dirname(path), link!)), `${path}: ${link}`);
});

describe('the messages in runtime/README.md', () => {
  test('hold their schemas', () => {
    const [result, decision, heartbeat, ...others] = blocks('runtime/README.md', 'jsonc').map((text) =>
      JSON.parse(text.replace(/ +\/\/.*$/gm, '')),
    );
    assert.equal(others.length, 0);
    assertMessage('result', result);
    assertMessage('decision', decision);
    assertMessage('heartbeat', heartbeat);
    const { schema: _, id, prev_label, reason, valid_ms, ...shared } = decision;
    assert.ok(id && prev_label && reason && valid_ms);
    for (const field of Object.keys(shared)) assert.ok(field in result, `${field} is no field of the result`);
  });

  test('name the bundled model by its digest', async () => {
    const { sha256 } = await readModelFile(modelPath(demoModel));
    for (const text of blocks('runtime/README.md', 'jsonc').filter((one) => one.includes('"model"')))
      assert.ok(text.includes(`"sha256": "${sha256.slice(0, 16)}"`), text);
  });

  test('are listed as they are sent', () => {
    const rows = [...page('runtime/README.md').matchAll(/^\| `([\w/<>]+)` \| (\d) \| (yes|no) \| (\S+)/gm)];
    const told = rows.map(([, topic, qos, retained, expires]) => {
      const [, named] = /^(resp|alert|event)\//.exec(topic!) ?? [];
      const leaf = named ?? (topic!.startsWith('sensor/') ? 'sensor-status' : topic!.split('/').at(-1)!);
      return [leaf, Number(qos), retained === 'yes', expires];
    });
    const sent = Object.entries({ ...DELIVERY, resp: RESPONSE }).map(([kind, { qos, retain, expiryS }]) => [
      kind,
      qos,
      retain,
      expiryS === undefined ? '-' : String(expiryS),
    ]);
    const byName = (a: unknown[], b: unknown[]): number => String(a[0]).localeCompare(String(b[0]));
    assert.deepEqual(told.filter(([kind]) => kind !== '<name>').sort(byName), sent.sort(byName));
  });
});

test('the commands in runtime/README.md are those of an edge', () => {
  const [, section = ''] = page('runtime/README.md').split(/^## Commands$/m);
  const rows = section.split(/^## /m)[0]!.matchAll(/^\| (`[^|]+`) \|/gm);
  const told = [...rows].flatMap(([, names]) => names!.replaceAll('`', '').split(', '));
  assert.deepEqual(told.sort(), commandNames());
});

/**
 * The test runner: lists the compiled test files, runs each in its own process with node:test, prints failures and
 * skips with their reasons, and ends with the line `N passed, N failed, N skipped`.
 *
 *   node dist/test/run.js [part of a path ...]     all files, or those whose path contains one of the parts
 *   WHORL_TEST_NO_SKIP=1                           a skipped test fails the run (for CI, which installs every program)
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';

const root = import.meta.dirname;
const wanted = process.argv.slice(2);
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => join(root, file))
  .sort();

const counts = { passed: 0, failed: 0, skipped: 0 };
const skips: string[] = [];
const started = Date.now();

const stream = run({ files, concurrency: Math.max(1, availableParallelism() - 1), timeout: 240_000 });
stream.on('test:pass', (test) => {
  if (test.details.type === 'suite') return;
  if (test.skip !== undefined && test.skip !== false) {
    counts.skipped++;
    skips.push(`${place(test.file)}: ${test.name}: ${test.skip === true ? 'no reason given' : test.skip}`);
  } else {
    counts.passed++;
    const ms = test.details.duration_ms;
    if (ms > 2000) console.log(`ok    ${place(test.file)}: ${test.name} (${(ms / 1000).toFixed(1)} s)`);
  }
});
stream.on('test:fail', (test) => {
  if (test.details.type === 'suite') return;
  counts.failed++;
  const error = test.details.error;
  console.log(`FAIL  ${place(test.file)}: ${test.name}`);
  console.log(
    indent(
      shortened(String((error.cause as Error | undefined)?.stack ?? error.cause ?? error.stack ?? error)),
    ),
  );
});
stream.on('test:stderr', ({ message }) => process.stderr.write(message));
if (process.env['WHORL_TEST_STDOUT'])
  stream.on('test:stdout', ({ message }) => process.stdout.write(message));

stream.on('end', () => {
  for (const skip of skips) console.log(`skip  ${skip}`);
  if (counts.passed + counts.failed === 0) {
    console.log('no tests ran: is the build there, and does the filter match a file?');
    counts.failed++;
  }
  const strict = process.env['WHORL_TEST_NO_SKIP'] === '1' && counts.skipped > 0;
  if (strict) console.log('WHORL_TEST_NO_SKIP=1: a skipped test fails this run');
  console.log(`${files.length} files in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 || strict ? 1 : 0;
});
stream.resume();

function place(file: string | undefined): string {
  return file === undefined ? '?' : relative(root, file).replace(/\.js$/, '');
}

/** Counterexamples can be whole networks: the beginning and the end say enough. */
function shortened(text: string): string {
  const most = 6000;
  return text.length <= most
    ? text
    : `${text.slice(0, most / 2)}\n... ${text.length - most} characters left out ...\n${text.slice(-most / 2)}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '      ');
}

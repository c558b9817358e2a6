/** `whorl check-config` as a process: what cannot work on this machine. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../support/command.js';
import { temporaryFolder } from '../support/small-model.js';

test('files and folders that are not there, and cannot be, are warnings with what to do', {
  timeout: 30_000,
}, async (t) => {
  const folder = temporaryFolder();
  const file = join(folder, 'whorl.yaml');
  writeFileSync(join(folder, 'taken'), '');
  writeFileSync(
    file,
    `configVersion: 2
models: { store: taken/store, incoming: in }
record: { folder: taken/rec }
sensors:
  finger: { transport: { kind: simulator } }
pipelines:
  touch: { sensors: [finger], model: grasp.safetensors }
  kept: { sensors: [finger], model: store }
  bundled: { sensors: [finger], model: demo }
  off: { sensors: [finger], model: gone.safetensors, enabled: false }
`,
  );
  const checked = await run(t, ['check-config', file]);
  const at = (name: string): string => join(folder, name);
  assert.deepEqual(checked.stderr.replace(/bundled models: [^;]*/, '...').split('\n'), [
    `warning: pipelines.touch.model: ${at('grasp.safetensors')}: no such file; ...; put the file there, or correct the name`,
    `warning: models.store: ${at('taken/store')} cannot be made in ${at('taken')} (ENOTDIR); make it for the user that runs whorl, or correct models.store`,
    `warning: models.incoming: ${at('in')} is not there; make it, or correct models.incoming`,
    `warning: record.folder: ${at('taken/rec')} cannot be made in ${at('taken')} (ENOTDIR); make it for the user that runs whorl, or correct record.folder`,
    '',
  ]);
  assert.equal(checked.code, 0);
  assert.match(checked.stdout, /no errors; 1 sensor, 4 pipelines/);

  const anywhere = ['--set', `models.store=${at('store')}`, '--set', `models.incoming=${folder}`];
  const good = await run(t, [
    ...['check-config', file, ...anywhere, '--set', `record.folder=${at('a/b')}`],
    ...['--set', 'pipelines.touch.model=demo'],
  ]);
  assert.deepEqual([good.code, good.stderr], [0, '']);
  assert.deepEqual([existsSync(at('store')), existsSync(at('a'))], [false, false]);
});

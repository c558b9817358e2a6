import { z } from 'zod';
import { liveKeys } from '../../config/index.js';
import { type Command, command } from '../../publish/index.js';
import type { Reload } from '../reload.js';
import type { Settings } from '../settings.js';

/** `reload`: the configuration file is read again; every live key that differs takes effect, or nothing does. */
export function reloadCommand(reload: Pick<Reload, 'reload'>): Command {
  return command({
    name: 'reload',
    about: 'reads the configuration file again; nothing changes when a key differs that needs a restart',
    body: z.strictObject({}),
    run: () => reload.reload(),
  });
}

const scalar = z.union([z.number(), z.boolean(), z.string().max(4096)]);

/** `options`: what can be set while the edge runs, and setting it. */
export function optionsCommand(
  reload: Pick<Reload, 'set' | 'unsaved'>,
  settings: Pick<Settings, 'config'>,
): Command {
  return command({
    name: 'options',
    about: 'sets keys that take effect at once, all or none; with an empty payload it lists them',
    body: z.strictObject({
      set: z
        .record(z.string().max(256), scalar)
        .refine((values) => Object.keys(values).length <= 100, 'must name at most 100 keys')
        .optional()
        .describe('values by key, e.g. {"pipelines.contact.minConfidence": 0.7}'),
      save: z
        .boolean()
        .optional()
        .describe(
          'write them into the configuration file; otherwise they hold until the next reload or restart',
        ),
    }),
    run: ({ set, save }) =>
      set === undefined
        ? { options: optionsOf(settings), unsaved: reload.unsaved }
        : reload.set(set, save === true),
  });
}

function optionsOf({ config }: Pick<Settings, 'config'>): Record<string, object> {
  return Object.fromEntries(liveKeys(config).map(({ path: _, name, ...key }) => [name, key]));
}

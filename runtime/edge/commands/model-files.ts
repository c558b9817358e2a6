/** Commands that bring model files into the store of the edge. */
import { z } from 'zod';
import { type Command, CommandError, command } from '../../publish/index.js';
import type { Staging } from '../models/staging.js';

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
  .describe('SHA-256 that the file must have, hexadecimal');

const stageLimitMs = 300_000;

export function modelFileCommands(staging: () => Pick<Staging, 'file' | 'url' | 'piece'>): Command[] {
  return [
    command({
      name: 'model-stage',
      about:
        'takes a model file into the store, from the watched folder or by https; nothing that runs changes',
      body: z.strictObject({
        file: z.string().max(256).optional().describe('name of a file in models.incoming'),
        url: z.string().max(2048).optional().describe('https URL at a host of models.httpsHosts'),
        sha256: sha256.optional(),
      }),
      limitMs: stageLimitMs,
      run: ({ file, url, sha256: digest }) => {
        if ((file === undefined) === (url === undefined))
          throw new CommandError(
            'bad-body',
            'one of file and url is needed',
            'known keys: file, url, sha256',
          );
        if (file !== undefined) return staging().file(file, digest);
        if (digest === undefined)
          throw new CommandError('bad-body', 'sha256 is needed with url', 'known keys: file, url, sha256');
        return staging().url(url!, digest);
      },
    }),
    command({
      name: 'model-upload',
      about: 'a piece of a model file; with the last one the file goes into the store',
      body: z.strictObject({
        upload: z.string().max(64).describe('name of the upload, the same for all its pieces'),
        offset: z.int().min(0).describe('where in the file the piece begins, in bytes'),
        bytes: z.int().min(1).describe('size of the whole file'),
        file: z
          .string()
          .max(64)
          .optional()
          .describe('with the first piece: name of the file, for what is said of it'),
        sha256,
        data: z.base64().max(61_440).describe('the piece, base64'),
        signature: z.string().max(4096).optional().describe('with the first piece: what FILE.sig says'),
      }),
      limitMs: stageLimitMs,
      run: ({ data, file, signature, sha256: digest, ...where }) =>
        staging().piece(
          {
            ...where,
            data: Buffer.from(data, 'base64'),
            ...(file === undefined ? {} : { file }),
            ...(signature === undefined ? {} : { signature }),
          },
          digest,
        ),
    }),
  ];
}

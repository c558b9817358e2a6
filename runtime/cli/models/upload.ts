/** A model file to an edge that runs, in pieces. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { signaturePath } from '../../swap/index.js';
import { createProgress } from '../progress.js';
import type { RunningEdge } from './running.js';

/** Bytes a piece: as base64 they stay below the limit of commands. */
const pieceBytes = 45_000;

export interface Uploaded {
  readonly model: string;
  readonly is_new: boolean;
}

/** Sends a file, and the signature beside it where there is one; resolves when the edge has it in its store. */
export async function upload(edge: RunningEdge, path: string): Promise<Uploaded> {
  const file = await readFile(path);
  const signature = await readFile(signaturePath(path), 'utf8').catch(() => undefined);
  const about = {
    upload: randomBytes(6).toString('hex'),
    bytes: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
  };
  const progress = createProgress('upload', { plainStep: 0.25 });
  let answer: Partial<Uploaded> = {};
  for (let offset = 0; offset < Math.max(1, file.length); offset += pieceBytes) {
    const data = file.subarray(offset, offset + pieceBytes).toString('base64');
    answer = await edge.ask('model-upload', {
      ...{ ...about, offset, data },
      ...(offset === 0 && signature !== undefined ? { signature } : {}),
    });
    progress.update(Math.min(1, (offset + pieceBytes) / file.length), path);
  }
  progress.end();
  return answer as Uploaded;
}

/** A model file to an edge that runs, in pieces. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { maxModelBytes, signaturePath } from '../../swap/index.js';
import { CliError } from '../exit.js';
import { createProgress } from '../progress.js';
import type { RunningEdge } from './running.js';

/** Bytes a piece: as base64 they stay below the limit of commands. */
const pieceBytes = 45_000;

export interface Uploaded {
  readonly model: string;
  readonly sha256: string;
  readonly is_new: boolean;
}

/** Reads a model file. Throws `CliError`, which names it, for what no edge would take. */
export async function readModelFile(path: string): Promise<Buffer> {
  const about = await stat(path);
  if (!about.isFile()) throw new CliError(`${path}: is not a file`);
  if (about.size === 0) throw new CliError(`${path}: is empty; copy the file again, whole`);
  if (about.size > maxModelBytes)
    throw new CliError(`${path}: has ${about.size} bytes, more than the ${maxModelBytes} of a model file`);
  return readFile(path);
}

/** Sends a file that was read, and the signature beside it where there is one; resolves when the edge has it in its store. */
export async function upload(edge: RunningEdge, path: string, file: Buffer): Promise<Uploaded> {
  const signature = await readFile(signaturePath(path), 'utf8').catch(() => undefined);
  const about = {
    upload: randomBytes(6).toString('hex'),
    bytes: file.length,
    file: nameForEdge(path),
    sha256: createHash('sha256').update(file).digest('hex'),
  };
  const progress = createProgress('upload', { plainStep: 0.25 });
  let answer: Partial<Uploaded> = {};
  for (let offset = 0; offset < file.length; offset += pieceBytes) {
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

/** The name of a file, with what an edge takes in names. */
function nameForEdge(path: string): string {
  const name = basename(path)
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(-64);
  return name.replace(/^[^A-Za-z0-9]+/, '') || 'model';
}

/** Model files from hosts that the configuration allows. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../../durable/index.js';
import { Turn } from '../../in-turn.js';
import { CommandError } from '../../publish/index.js';

export interface DownloadOptions {
  /** Folder of its own, made anew whenever something begins in it; the one around it must be there. */
  readonly folder: string;
  readonly maxBytes: number;
  /** Hosts that may be asked. */
  readonly hosts: readonly string[];
  /** PEM text of their CA, where it is none of the well-known ones. */
  readonly ca?: string | undefined;
  readonly timeoutMs?: number;
  /** Ends it at any time. */
  readonly signal?: AbortSignal;
}

/** Downloads, one after the other, for they share a folder; between them it is not there. */
export class Downloads {
  readonly #turn = new Turn();
  readonly #stop = new AbortController();
  #fetching: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: Omit<DownloadOptions, 'signal'>) {}

  /** Fetches a file and removes it when it has been used. Throws as `download` and `use` do. */
  async take<T>(url: string, use: (path: string) => Promise<T>): Promise<T> {
    allowed(url, this.options.hosts); // told at once, and not in its turn
    return this.#turn.take(async () => {
      const fetching = download(url, { ...this.options, signal: this.#stop.signal });
      this.#fetching = fetching.catch(() => undefined);
      try {
        return await use(await fetching);
      } finally {
        await this.#clear();
      }
    });
  }

  /** Ends what is being fetched, and fetches nothing any more. Whoever uses a file loses it. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#fetching;
    await this.#clear().catch(() => undefined); // the store cannot be used, which has been told
  }

  #clear(): Promise<void> {
    return rm(this.options.folder, { recursive: true, force: true });
  }
}

/**
 * Fetches a file by https, from an allowed host, without following redirections. Resolves to where it lies. Throws
 * `CommandError`: not-allowed, bad-url, too-large, download-failed, stopping; and what the system says when there can be
 * no such folder or file.
 */
export async function download(url: string, options: DownloadOptions): Promise<string> {
  const target = allowed(url, options.hosts);
  const { folder, maxBytes, timeoutMs = 120_000 } = options;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? late : AbortSignal.any([late, options.signal]);
  if (options.signal?.aborted) throw stopping();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const path = join(folder, 'download.safetensors');
  try {
    const response = await answerOf(target, options.ca, signal);
    await pipeline(response, limited(maxBytes), createWriteStream(path), { signal });
    return path;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (error instanceof CommandError || isOfDisk(error)) throw error;
    if (options.signal?.aborted) throw stopping();
    const why = late.aborted ? `not finished within ${timeoutMs / 1000} s` : (error as Error).message;
    throw new CommandError('download-failed', `${target.host}: ${why}`, 'look whether the host has the file');
  }
}

function stopping(): CommandError {
  return new CommandError('stopping', 'the runtime stops', 'send it again when the edge is up');
}

/** Errors of files have a path, but for a disk that has become full; those of connections have none. */
function isOfDisk(error: unknown): boolean {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');
  return isFull || typeof (error as { path?: unknown }).path === 'string';
}

function allowed(url: string, hosts: readonly string[]): URL {
  let target: URL;
  try {
    target = new URL(url);
  } catch {
    throw new CommandError('bad-url', `'${url.slice(0, 200)}' is no URL`, 'give https://host/path');
  }
  if (target.protocol !== 'https:' || target.username !== '' || target.password !== '')
    throw new CommandError('bad-url', 'models are fetched by https alone, without a user in the URL');
  if (!hosts.some((host) => host.toLowerCase() === target.hostname))
    throw new CommandError(
      'not-allowed',
      `models may not be fetched from ${target.hostname}`,
      'add the host to models.httpsHosts in the configuration',
    );
  return target;
}

function answerOf(target: URL, ca: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(target, { signal, ...(ca === undefined ? {} : { ca }) }, (response) => {
      const { statusCode } = response;
      if (statusCode === 200) resolve(response);
      else {
        response.resume();
        reject(new Error(`it answers ${statusCode}, and redirections are not followed`));
      }
    });
    request.on('error', reject);
  });
}

/** Lets so many bytes through, and no more. */
function limited(maxBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > maxBytes)
        done(new CommandError('too-large', `the file has more than ${maxBytes} bytes`, 'raise models.maxMb'));
      else done(null, chunk);
    },
  });
}

/** Files of bounded size, and errors that name them. */
import { open } from 'node:fs/promises';
import { NetworkError } from '../network/errors.js';

/**
 * What `parse` makes of a file's bytes. Throws `NetworkError` with the path when the file is larger than `limit` bytes or
 * when `parse` throws one, and the system's error when it cannot be read.
 */
export async function readFileAs<T>(
  path: string,
  limit: number,
  parse: (bytes: Uint8Array) => T,
): Promise<T> {
  const bytes = await readBounded(path, limit);
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof NetworkError) throw new NetworkError(`${path}: ${error.message}`, error.fault);
    throw error;
  }
}

async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > limit)
      throw new NetworkError(`${path}: ${size} bytes are more than the limit of ${limit}`, 'too_large');
    return await file.readFile();
  } finally {
    await file.close();
  }
}

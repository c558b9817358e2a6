import { readFile, stat } from 'node:fs/promises';
import type { Geometry } from './geometry.js';
import { GeometryError, type GeometryIssue, parseGeometry } from './geometry-file.js';
import { neutouchA, neutouchB, neutouchPublished } from './neutouch.js';

/** Geometries that need no file, by their id. */
export const BUILT_IN_GEOMETRIES: readonly Geometry[] = [neutouchA, neutouchB, neutouchPublished];

/** Largest geometry file that is read: 4096 taxels with several orders stay well below it. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** A built-in geometry by its id, or undefined. */
export function builtInGeometry(id: string): Geometry | undefined {
  return BUILT_IN_GEOMETRIES.find((geometry) => geometry.id === id);
}

/**
 * The built-in geometry of that name, or else the geometry file at that path. Throws GeometryError for a file that is
 * too large, not JSON or not a geometry, and for a file that cannot be read.
 */
export async function readGeometry(nameOrPath: string): Promise<Geometry> {
  const builtIn = builtInGeometry(nameOrPath);
  if (builtIn !== undefined) return builtIn;
  const text = await readText(nameOrPath);
  try {
    return parseGeometry(JSON.parse(text));
  } catch (error) {
    if (error instanceof GeometryError) {
      throw new GeometryError(error.issues.map((issue) => inFile(nameOrPath, issue)));
    }
    throw unusable(nameOrPath, `is not JSON: ${(error as Error).message}`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    const file = await stat(path);
    if (!file.isFile()) throw unusable(path, 'is not a file');
    const { size } = file;
    if (size > MAX_FILE_BYTES) throw unusable(path, `has ${size} bytes; at most ${MAX_FILE_BYTES} are read`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof GeometryError) throw error;
    const names = BUILT_IN_GEOMETRIES.map((geometry) => geometry.id).join(', ');
    throw unusable(
      path,
      `cannot be read (${(error as Error).message}) and is no built-in geometry: ${names}`,
    );
  }
}

function inFile(file: string, { path, message }: GeometryIssue): GeometryIssue {
  return { path: path === '' ? file : `${file}: ${path}`, message };
}

function unusable(path: string, message: string): GeometryError {
  return new GeometryError([{ path, message }]);
}

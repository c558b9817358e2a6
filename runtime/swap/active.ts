/** `active.json`: which version serves each pipeline, and which one served before. */
import { errorCode, type FileSystem, writeAtomically } from '../durable/index.js';
import {
  jsonBytes,
  maxJsonBytes,
  parseSelections,
  type Selection,
  type Selections,
  sameVersion,
  type VersionRef,
} from './manifest.js';

/** The pipeline of selections that name none. */
export const defaultPipeline = 'default';

/** What could be read, and why it is not all. */
export interface ReadSelections {
  readonly pipelines: Selections['pipelines'];
  readonly fault?: string;
}

/** A file that is missing selects nothing; so does one that is damaged, with the fault. */
export async function readSelections(files: FileSystem, path: string): Promise<ReadSelections> {
  try {
    return { pipelines: parseSelections(await files.read(path, maxJsonBytes)).pipelines };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { pipelines: {} };
    const why = (error as Error).message;
    return {
      pipelines: {},
      fault: `${path} cannot be read: ${why}; activate a version for each pipeline, which writes it anew`,
    };
  }
}

/** Writes the selection of one pipeline; the others stay. */
export async function writeSelection(
  files: FileSystem,
  path: string,
  { pipelines }: ReadSelections,
  pipeline: string,
  selection: Selection,
): Promise<void> {
  const value: Selections = {
    schema: 'whorl.active/1',
    pipelines: { ...pipelines, [pipeline]: selection },
  };
  await writeAtomically(files, path, jsonBytes(value));
}

/** The selection after a version was activated: the active one becomes the previous one, unless it is the same. */
export function activated(before: Selection | undefined, ref: VersionRef): Selection {
  if (before === undefined) return { active: ref, previous: null };
  return sameVersion(before.active, ref) ? before : { active: ref, previous: before.active };
}

/** Pipelines that a version serves or served last. */
export function pipelinesWith(
  { id, version }: { id: string; version: string },
  { pipelines }: ReadSelections,
): string[] {
  return Object.keys(pipelines).filter((name) => {
    const { active, previous } = pipelines[name]!;
    return [active, previous].some((ref) => ref?.id === id && ref.version === version);
  });
}

/** What somebody wants to happen to the models of a pipeline, and what came of it. */
import { type VersionRef, versionName } from './manifest.js';
import { Refusal } from './refusal.js';
import type { Slot, SlotState } from './slot.js';

export interface ActivateOptions {
  /** Accept a model with other labels than the one that serves. */
  readonly otherLabels?: boolean;
}

/** What became of the wish to have a version serve. */
export interface Activation {
  readonly pipeline: string;
  readonly active: VersionRef;
  readonly previous: VersionRef | null;
  /** False: it serves already. */
  readonly changed: boolean;
  /** The first window that it answers; a window that has begun before is finished by the model before. */
  readonly window?: number;
  readonly state: SlotState;
}

/** The answer for a slot as it stands. */
export function activationOf({ pipeline, active, previous, state }: Slot, window?: number): Activation {
  return {
    pipeline,
    active: active!.ref,
    previous: previous?.ref ?? null,
    changed: window !== undefined,
    ...(window === undefined ? {} : { window }),
    state,
  };
}

/** A version that was taken back is not taken again before the next start. Throws a `known_bad` refusal. */
export function checkUntried(ref: VersionRef, { bad, pipeline }: Slot): void {
  if (bad.has(ref.sha256))
    throw new Refusal('known_bad', `${versionName(ref)} has been tried for ${pipeline}`);
}

/** A robot acts on labels, so other ones are no matter of course. Throws a `wrong_labels` refusal. */
export function checkLabels(name: string, labels: readonly string[], { active }: Slot): void {
  const before = active?.model?.labels;
  if (before === undefined || String([...before].sort()) === String([...labels].sort())) return;
  throw new Refusal(
    'wrong_labels',
    `${name} has the labels ${labels.join(', ')}, the model that serves has ${before.join(', ')}`,
  );
}

/** Why the model store does not do what it is asked: a code for programs, a sentence and a remedy for people. */

/** Every code, with what to do. The codes are part of the interface: they do not change their meaning. */
export const refusals = {
  bad_file: 'make it with `whorl train` or `whorl models import`, and copy it whole',
  truncated: 'copy the file again, whole, and compare its SHA-256 before it is added',
  wrong_digest: 'copy the file again: it is not the one that the digest was taken of',
  not_finite: 'train it again: a weight is NaN or infinite, so the training has diverged',
  old_format: 'train or import the model again with this version of whorl',
  wrong_shape:
    'use a model for this geometry and this number of sensors; `whorl inspect` tells what it is for',
  other_window: 'activate it while the daemon is off, or train a model with windows of this length',
  wrong_labels:
    'train with the labels of the model that serves, or say that others are wanted: --other-labels of `whorl models activate`, other_labels of the command model-activate',
  no_stopping: 'add a stopping rule with `whorl eval --anytime`, or set anytime.decideBy to fixed',
  bad_window: 'change the window of the pipeline, or train a model with windows of another length',
  bad_name:
    'name a version <id>@<version>, as `whorl models ls` lists it; a new model gets both by --name and --model-version when it is trained or imported',
  too_large: 'use a smaller network, or raise the limit of the store',
  hash_conflict:
    'versions never change: give the new model another version, or, where the one in the store is the wrong one, remove that with `whorl models rm` and add this one again',
  not_loaded:
    'look at the reason and at the log; the engine of the pipeline must be able to run it; workers of a gateway must have it, too: start them anew with `whorl worker --model A --model B`',
  too_slow: 'use a smaller network or a faster engine, or raise models.maxWindowMs',
  known_bad: 'it was taken back after it had been tried; start the daemon anew to try it once more',
  self_test: 'do not use the model; train or import it again, and report it when that does not help',
  not_signed: 'sign the file with `whorl models sign` and add it again',
  bad_signature: 'sign the file with a key whose public half is pinned, and check who changed it',
  busy: 'try again when the other change is done',
  unknown_pipeline: 'name a pipeline of the configuration',
  in_use:
    'activate other versions until this one is neither active nor previous; a trial ends with `whorl models shadow --off`',
  no_space: 'remove versions with `whorl models rm`, or make room on the disk',
  store_unusable:
    'see that its disk is there and whole and that whorl may read and write it; a start makes a folder that is gone anew',
  not_found: '`whorl models ls` tells which versions there are',
  no_previous: 'activate a version by its name',
  damaged: 'add the same file again, which mends the version, and check the disk',
} as const;

export type RefusalCode = keyof typeof refusals;

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly remedy: string;

  /** @param what the thing and what is wrong with it, without a full stop */
  constructor(
    readonly code: RefusalCode,
    readonly what: string,
  ) {
    super(`${what} (${code}): ${refusals[code]}`);
    this.remedy = refusals[code];
  }
}

import { type VersionRef, versionName } from './manifest.js';
import { Refusal } from './refusal.js';
import type { Holder, Slot } from './slot.js';
import type { SwapRules } from './swap-rules.js';

/**
 * Loads a version for a pipeline, beside what serves. The worker tests it and measures how long a window takes.
 * Throws `Refusal`: not_loaded, damaged, too_slow, or why it does not fit; then nothing is left of it.
 */
export async function loadCandidate(
  { target, source }: Pick<Slot, 'target' | 'source'>,
  { id, version, sha256 }: VersionRef,
  path: string,
  { loadLimitS, maxWindowMs }: SwapRules,
  sinceUs: number,
): Promise<Holder> {
  const outcome = await target.prepare(source(path), loadLimitS * 1000);
  if (!outcome.ok) throw new Refusal(outcome.code, outcome.reason);
  const { prepared } = outcome;
  const { model } = prepared;
  const name = versionName({ id, version });
  const refuse = async (refusal: Refusal): Promise<never> => {
    await target.unload(prepared);
    throw refusal;
  };
  if (model.sha256 !== sha256)
    await refuse(new Refusal('damaged', `${name} is another file than the one that was verified`));
  if (model.longestUs > maxWindowMs * 1000)
    await refuse(new Refusal('too_slow', `${name} takes ${Math.round(model.longestUs / 1000)} ms a window`));
  return { ref: { id, version, sha256 }, model, prepared, sinceUs };
}

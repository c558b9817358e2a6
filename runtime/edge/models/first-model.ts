/** The model that a pipeline begins with. */
import { missingModel, modelPath } from '../../bundled.js';
import { type PipelineConfig, storeModel } from '../../config/index.js';
import { defaultPipeline, Refusal, type StorePort, type VersionRef, versionName } from '../../swap/index.js';

export interface FirstModel {
  readonly model: { readonly path: string } | { readonly missing: string };
  /** Which version of the store it is, and to which one can go back. */
  readonly active?: VersionRef;
  readonly previous?: VersionRef;
  /** Digest of the version that the next start begins with; absent where that cannot serve. */
  readonly written?: string;
  /** What went otherwise than it should have, one line each. */
  readonly remarks: readonly string[];
}

/** Without a store: the file that the configuration names. */
export function modelOfFile({ model }: Pick<PipelineConfig, 'model'>): FirstModel {
  const missing = missingModel(model);
  return { model: missing === undefined ? { path: modelPath(model) } : { missing }, remarks: [] };
}

/**
 * With a store: its active version, else the previous one. A pipeline of which the store knows nothing begins with the
 * file that the configuration names; it goes into the store, so that all that ever serves can be gone back to.
 */
export async function modelOfStore(
  store: StorePort,
  pipeline: string,
  config: Pick<PipelineConfig, 'model'>,
): Promise<FirstModel> {
  const { pipelines, fault } = await store.selections();
  const name = [pipeline, defaultPipeline].find((known) => pipelines[known] !== undefined);
  if (name === undefined && fault === undefined) return seeded(store, pipeline, config);
  const { model, which, reasons } = await store.serving(name ?? pipeline);
  if (model === undefined)
    return {
      model: { missing: `the model store has no version that could serve: ${reasons.join('; ')}` },
      remarks: [],
    };
  const { id, version, sha256, from } = model.manifest;
  const previous = which === 'active' ? pipelines[name!]?.previous : undefined;
  const remarks = reasons.map((reason) => `${versionName({ id, version })} serves in its place: ${reason}`);
  if (config.model !== storeModel && modelPath(config.model) !== from)
    remarks.push(
      `the model store says ${versionName({ id, version })}, so 'model: ${config.model}' of the configuration is not used; add it with 'whorl models add' and activate it`,
    );
  return {
    model: { path: model.path },
    active: { id, version, sha256 },
    ...(previous ? { previous } : {}),
    ...(which === 'active' ? { written: sha256 } : {}),
    remarks,
  };
}

async function seeded(
  store: StorePort,
  pipeline: string,
  config: Pick<PipelineConfig, 'model'>,
): Promise<FirstModel> {
  const nothing = (missing: string): FirstModel => ({ model: { missing }, remarks: [] });
  if (config.model === storeModel)
    return nothing(
      `no version is active for pipeline ${pipeline}; add one with 'whorl models add' and activate it`,
    );
  const first = modelOfFile(config);
  if ('missing' in first.model) return first;
  try {
    const { manifest } = await store.add(first.model.path);
    const { id, version, sha256 } = manifest;
    await store.select(pipeline, { active: { id, version, sha256 }, previous: null });
    const { path } = await store.verify(versionName(manifest));
    return { model: { path }, active: { id, version, sha256 }, written: sha256, remarks: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return nothing(error.message);
  }
}

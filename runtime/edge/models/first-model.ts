/** The model that a pipeline begins with. */
import { missingModel, modelPath } from '../../bundled.js';
import { type PipelineConfig, storeModel } from '../../config/index.js';
import {
  defaultPipeline,
  Refusal,
  type Serving,
  type StorePort,
  type VersionRef,
  versionName,
} from '../../swap/index.js';

export interface FirstModel {
  readonly model: { readonly path: string } | { readonly missing: string };
  /** Which version of the store it is, and to which one can go back. */
  readonly active?: VersionRef;
  readonly previous?: VersionRef;
  /** Digest of the version that the next start begins with; absent where that cannot serve. */
  readonly written?: string;
  /** What went otherwise than it should have, one line each. */
  readonly remarks: readonly string[];
  /** What somebody might wonder about. */
  readonly note?: string;
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
  const found = await store.serving(name ?? pipeline);
  const mended =
    found.which === 'active' ? [] : await mend(store, found, pipelines[name ?? '']?.active, config);
  const { model, which, reasons } = mended.length === 0 ? found : await store.serving(name ?? pipeline);
  if (model === undefined)
    return {
      model: { missing: `the model store has no version that could serve: ${reasons.join('; ')}` },
      remarks: [],
    };
  const { id, version, sha256, from } = model.manifest;
  const previous = which === 'active' ? pipelines[name!]?.previous : undefined;
  const serves = versionName({ id, version });
  const remarks = [...mended, ...reasons.map((reason) => `${serves} serves in its place: ${reason}`)];
  const isOther = config.model !== storeModel && modelPath(config.model) !== from;
  return {
    model: { path: model.path },
    active: { id, version, sha256 },
    ...(previous ? { previous } : {}),
    ...(which === 'active' ? { written: sha256 } : {}),
    remarks,
    ...(isOther ? { note: `${serves} serves; 'model: ${config.model}' was for the first start` } : {}),
  };
}

/**
 * Puts the active version back into the store when it is damaged there and the file that the configuration names is that
 * very version. Resolves to what it did.
 */
async function mend(
  store: StorePort,
  { reasons }: Pick<Serving, 'reasons'>,
  active: VersionRef | undefined,
  { model }: Pick<PipelineConfig, 'model'>,
): Promise<string[]> {
  if (active === undefined || model === storeModel || missingModel(model) !== undefined) return [];
  try {
    await store.add(modelPath(model), active.sha256);
  } catch (error) {
    if (error instanceof Refusal) return []; // it is another one
    throw error;
  }
  return [`${reasons.join('; ')}; it has been put back from ${modelPath(model)}`];
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

/** Whether the model store can be used, and what it says each pipeline begins with is whole. */
import { stat } from 'node:fs/promises';
import { type Config, type Secrets, storeModel } from '../config/index.js';
import { defaultPipeline, ModelStore, readPublicKey, versionName } from '../swap/index.js';
import { type Access, systemAccess } from './access.js';
import { type Finding, findingsOf, messageOf } from './finding.js';
import { placeFault } from './folders.js';

const { ok, warn, fail } = findingsOf('store');

/** Nothing where no store is configured. The store is not opened, for that may change it. */
export async function checkStore(
  { models, pipelines }: Config,
  { modelKeys = [] }: Pick<Secrets, 'modelKeys'>,
  access: Access = systemAccess,
): Promise<Finding[]> {
  const { store: folder, requireSignature } = models;
  if (folder === undefined) return [];
  const place = await checkFolder(folder, access);
  if (place !== undefined) return [place];
  const keys = publicKeys(modelKeys);
  if ('level' in keys) return [keys];
  const store = new ModelStore(folder, { keys, requireSignature });
  const { fault } = await store.selections();
  const findings = [fault === undefined ? await contents(store, folder) : fail(fault, selectionRemedy)];
  for (const [name, { enabled, model }] of Object.entries(pipelines))
    if (enabled) findings.push(await checkPipeline(store, name, model));
  return findings;
}

function publicKeys(texts: readonly string[]): ReturnType<typeof readPublicKey>[] | Finding {
  try {
    return texts.map(readPublicKey);
  } catch (error) {
    return fail(
      `models.keys: ${messageOf(error)}`,
      "name public keys (.pub), as 'whorl models keygen' writes them",
    );
  }
}

const selectionRemedy =
  "activate a version for each pipeline again with 'whorl models activate', or put active.json back from a copy";

/** What there is to say of a folder that cannot be looked into; undefined: it can. */
async function checkFolder(folder: string, access: Access): Promise<Finding | undefined> {
  const fault = await placeFault({ key: 'models.store', folder, makes: 'folder' }, access);
  if (fault !== undefined) return fail(fault.reason, fault.remedy);
  const isThere = (await stat(folder).catch(() => undefined)) !== undefined;
  return isThere ? undefined : ok(`${folder} is not there yet; the edge makes it`);
}

async function contents(store: ModelStore, folder: string): Promise<Finding> {
  const versions = await store.list();
  const broken = versions.filter(({ fault }) => fault !== undefined);
  if (broken.length === 0)
    return ok(
      `${folder} may be read and written, ${versions.length === 1 ? '1 version' : `${versions.length} versions`}`,
    );
  return warn(
    `${folder}: of ${versions.length} versions ${broken.length} cannot be used: ${broken.slice(0, 5).map(versionName).join(', ')}`,
    "'whorl models verify' says why; remove them with 'whorl models rm', and add them again",
  );
}

/** Of the same selection that an edge begins with. */
async function checkPipeline(store: ModelStore, pipeline: string, model: string): Promise<Finding> {
  const { pipelines, fault } = await store.selections();
  const name = [pipeline, defaultPipeline].find((known) => pipelines[known] !== undefined);
  if (name === undefined && fault === undefined)
    return model === storeModel
      ? fail(
          `no version is active for pipeline ${pipeline}`,
          "add one with 'whorl models add' and activate it",
        )
      : ok(`pipeline ${pipeline} has no version yet; it begins with ${model}`);
  const { model: found, which, reasons } = await store.serving(name ?? pipeline);
  if (found === undefined)
    return fail(
      `pipeline ${pipeline} has no version that could serve: ${reasons.join('; ')}`,
      "activate one that verifies: 'whorl models ls' lists them",
    );
  const called = versionName(found.manifest);
  if (which === 'active' && reasons.length === 0) return ok(`pipeline ${pipeline}: ${called} verifies`);
  return warn(
    `pipeline ${pipeline} would begin with ${called}: ${reasons.join('; ')}`,
    "add the active version again, or activate another: 'whorl models ls' lists them",
  );
}

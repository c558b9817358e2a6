/**
 * Models on disk: immutable versions, and which of them serves. One change at a time; every change is whole or has not
 * happened, also when the process is killed or the power fails.
 *
 *   models/<id>/<version>-<first 8 digits of the digest>/model.safetensors, manifest.json     read-only
 *   active.json                                                                               the selections
 *   .staging/                                                                                 what is not a version yet
 *   .lock                                                                                     who is changing something
 */
import { createHash, randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import {
  disk,
  ensureFolder,
  type FileSystem,
  type Processes,
  removeAll,
  systemProcesses,
  writeDurably,
} from '../durable/index.js';
import {
  activated,
  defaultPipeline,
  pipelinesWith,
  type ReadSelections,
  readSelections,
  writeSelection,
} from './active.js';
import { Changes } from './changes.js';
import { checkModel } from './check.js';
import {
  checkName,
  folderName,
  jsonBytes,
  type Manifest,
  parseVersionName,
  type Selection,
  versionName,
} from './manifest.js';
import { Refusal } from './refusal.js';
import { checkSignature, type SignaturePolicy } from './signature.js';
import { maxModelBytes, nameOfFile, readSource, type Source } from './source.js';
import { manifestFile, modelFile, type StoredVersion, type VerifiedVersion, Versions } from './versions.js';

export interface StoreOptions {
  /** Pinned public keys; none: signatures are kept, and not checked. */
  readonly keys?: SignaturePolicy['keys'];
  /** Whether models must be signed by a pinned key. */
  readonly requireSignature?: boolean;
  /** Largest model file in bytes, at most `maxModelBytes`, the default. */
  readonly maxBytes?: number;
  readonly files?: FileSystem;
  readonly processes?: Processes;
  /** The wall clock, in milliseconds since 1970. */
  readonly now?: () => number;
}

/** What a pipeline starts with. */
export interface Serving {
  /** Absent: there is none that could serve. */
  readonly model?: VerifiedVersion;
  readonly which: 'active' | 'previous' | 'none';
  /** Why it is not the active one; empty when it is, or when none was ever activated. */
  readonly reasons: readonly string[];
}

/** A version in the store, and whether it was not there before. */
export interface Added {
  readonly manifest: Manifest;
  readonly isNew: boolean;
}

export class ModelStore {
  readonly #root: string;
  readonly #staging: string;
  readonly #active: string;
  readonly #files: FileSystem;
  readonly #signatures: SignaturePolicy;
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #versions: Versions;
  readonly #changes: Changes;

  /** @param root folder of the store; `open` makes it */
  constructor(root: string, options: StoreOptions = {}) {
    this.#root = resolve(root);
    this.#staging = join(this.#root, '.staging');
    this.#active = join(this.#root, 'active.json');
    this.#files = options.files ?? disk;
    this.#signatures = { keys: options.keys ?? [], required: options.requireSignature ?? false };
    this.#maxBytes = Math.min(options.maxBytes ?? maxModelBytes, maxModelBytes);
    this.#now = options.now ?? Date.now;
    this.#versions = new Versions(this.#files, join(this.#root, 'models'), this.#signatures);
    const processes = options.processes ?? systemProcesses;
    this.#changes = new Changes(this.#files, this.#root, this.#versions, processes);
  }

  /**
   * Makes the folders, and clears away what an interrupted change has left; another process that is just changing
   * something does so itself. The folder around the store must be there.
   */
  async open(): Promise<void> {
    await ensureFolder(this.#files, this.#root);
    await this.#files.syncFolder(dirname(this.#root));
    await this.#changes
      .alone(async () => undefined)
      .catch((error) => {
        if (!(error instanceof Refusal && error.code === 'busy')) throw error;
      });
  }

  /** Every version in the store, those with faults too. */
  list(): Promise<StoredVersion[]> {
    return this.#versions.list();
  }

  /** What `active.json` says, believed as it stands. */
  selections(): Promise<ReadSelections> {
    return readSelections(this.#files, this.#active);
  }

  /**
   * Copies a model file into the store. A version that is there already with the same digest is given back as it is.
   * A signature is taken from `<path>.sig` where there is one.
   * @param sha256 digest that the file must have
   * Throws `Refusal`: wrong_digest, those of `checkModel`, hash_conflict, not_signed, bad_signature, no_space, busy.
   */
  async add(path: string, sha256?: string): Promise<Added> {
    const source = await readSource(this.#files, path, this.#maxBytes);
    if (sha256 !== undefined && sha256 !== digestOf(source.bytes))
      throw new Refusal(
        'wrong_digest',
        `${basename(path)} has the digest ${digestOf(source.bytes)}, not ${sha256}`,
      );
    return this.#changes.alone(async () => {
      const staged = join(this.#staging, newName());
      try {
        return await this.#stage(staged, source);
      } finally {
        await removeAll(this.#files, staged);
      }
    });
  }

  /** Reads a version and compares it with its manifest. Throws `Refusal`: not_found, damaged, not_signed, bad_signature. */
  async verify(name: string): Promise<VerifiedVersion> {
    const { id, version } = parseVersionName(name);
    return this.#versions.verify(await this.#versions.find(id, version));
  }

  /** Removes a version. Throws `Refusal`: not_found, in_use, busy. */
  async remove(name: string): Promise<void> {
    const { id, version } = parseVersionName(name);
    return this.#changes.alone(async () => {
      const stored = await this.#versions.find(id, version);
      await this.#checkUnused(stored);
      const staged = join(this.#staging, newName());
      await this.#takeAway(stored.folder, staged);
      await this.#files.syncFolder(dirname(stored.folder));
      await removeAll(this.#files, staged);
    });
  }

  /**
   * Makes a version the active one of a pipeline; the active one becomes the previous one.
   * Throws `Refusal`: not_found, damaged, not_signed, bad_signature, busy.
   */
  async activate(name: string, pipeline = defaultPipeline): Promise<Selection> {
    checkName('pipeline', pipeline);
    return this.#changes.alone(async () => {
      const { id, version, sha256 } = (await this.verify(name)).manifest;
      const before = await this.selections();
      return this.#select(pipeline, before, activated(before.pipelines[pipeline], { id, version, sha256 }));
    });
  }

  /** Writes down what a pipeline starts with. Throws `Refusal`: those of `activate`, for the active version. */
  async select(pipeline: string, selection: Selection): Promise<Selection> {
    checkName('pipeline', pipeline);
    return this.#changes.alone(async () => {
      await this.#versions.verifyRef(selection.active);
      return this.#select(pipeline, await this.selections(), selection);
    });
  }

  /** Makes the previous version the active one again. Throws `Refusal`: no_previous, and those of `activate`. */
  async rollback(pipeline = defaultPipeline): Promise<Selection> {
    checkName('pipeline', pipeline);
    return this.#changes.alone(async () => {
      const before = await this.selections();
      const { active, previous } = before.pipelines[pipeline] ?? {};
      if (active === undefined || previous === undefined || previous === null)
        throw new Refusal('no_previous', `pipeline ${pipeline} has no version before`);
      await this.#versions.verifyRef(previous);
      return this.#select(pipeline, before, { active: previous, previous: active });
    });
  }

  /** What a pipeline starts with: its active version, else the previous one, else none, with the reasons. */
  async serving(pipeline = defaultPipeline): Promise<Serving> {
    const { pipelines, fault } = await this.selections();
    const reasons = fault === undefined ? [] : [fault];
    const selection = pipelines[pipeline];
    for (const which of ['active', 'previous'] as const) {
      const ref = selection?.[which];
      if (ref === undefined || ref === null) continue;
      try {
        return { model: await this.#versions.verifyRef(ref), which, reasons };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        reasons.push(error.message);
      }
    }
    return { which: 'none', reasons };
  }

  /** Writes a model below `.staging`, checks what can be read back, and moves it to its place. */
  async #stage(staged: string, { bytes, path, signature }: Source): Promise<Added> {
    const file = join(staged, modelFile);
    await this.#files.makeFolder(staged);
    await writeDurably(this.#files, file, bytes);
    const sha256 = digestOf(bytes);
    const model = await checkModel(await this.#files.read(file, this.#maxBytes), nameOfFile(path));
    if (model.sha256 !== sha256) throw new Refusal('damaged', `${file} is not what was written to it`);
    const manifest: Manifest = {
      schema: 'whorl.model/1',
      ...{ id: model.id, version: model.version, sha256, size: bytes.length },
      labels: [...model.spec.labels],
      selfTestWindows: model.selfTest.length,
      added: new Date(this.#now()).toISOString(),
      from: path,
      ...(signature === undefined ? {} : { signature }),
    };
    checkSignature(manifest, signature, this.#signatures);
    const present = await this.#present(manifest);
    if (present !== undefined) return { manifest: present, isNew: false };
    await writeDurably(this.#files, join(staged, manifestFile), jsonBytes(manifest));
    await this.#publish(staged, manifest);
    return { manifest, isNew: true };
  }

  /**
   * The manifest of this very version, if it is there and whole; one that is damaged is taken away, to be replaced.
   * Throws a `hash_conflict` refusal.
   */
  async #present(manifest: Manifest): Promise<Manifest | undefined> {
    const { id, version } = manifest;
    const stored = (await this.#versions.listOf(id)).find((one) => one.version === version);
    if (stored === undefined) return undefined;
    if (stored.folder !== this.#versions.folder(id, folderName(manifest)))
      throw new Refusal(
        'hash_conflict',
        `${versionName(manifest)} is in the store as ${basename(stored.folder)}, not ${folderName(manifest)}`,
      );
    try {
      return (await this.#versions.verify(stored)).manifest;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.#takeAway(stored.folder, join(this.#staging, newName()));
      return undefined;
    }
  }

  async #takeAway(folder: string, to: string): Promise<void> {
    if ((await this.#files.kind(folder)) === 'folder') await this.#files.setWritable(folder, true); // or it cannot move
    await this.#files.rename(folder, to);
  }

  async #publish(staged: string, manifest: Manifest): Promise<void> {
    const home = this.#versions.folder(manifest.id);
    const folder = this.#versions.folder(manifest.id, folderName(manifest));
    await this.#files.syncFolder(staged);
    await ensureFolder(this.#files, home);
    await this.#versions.checkInside(home);
    await this.#files.syncFolder(dirname(home));
    await this.#files.rename(staged, folder);
    await this.#files.syncFolder(home);
    await this.#versions.protect(folder);
  }

  async #checkUnused(stored: StoredVersion): Promise<void> {
    const used = pipelinesWith(stored, await this.selections());
    if (used.length > 0)
      throw new Refusal('in_use', `${versionName(stored)} is active or previous in ${used.join(', ')}`);
  }

  async #select(pipeline: string, before: ReadSelections, selection: Selection): Promise<Selection> {
    await writeSelection(this.#files, this.#active, before, pipeline, selection);
    return selection;
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A name in `.staging` that nothing has. */
function newName(): string {
  return randomBytes(8).toString('hex');
}

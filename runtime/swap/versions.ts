/** The versions in a store, as they lie on the disk: where they are, what is said of them, and whether it is true. */
import { createHash } from 'node:crypto';
import { join, relative, resolve, sep } from 'node:path';
import { errorCode, type FileSystem, FileTooLarge } from '../durable/index.js';
import { isId } from '../id.js';
import {
  checkName,
  folderName,
  type Manifest,
  maxJsonBytes,
  parseManifest,
  type VersionRef,
  versionName,
  versionOfFolder,
} from './manifest.js';
import { Refusal } from './refusal.js';
import { checkSignature, type SignaturePolicy } from './signature.js';

export const modelFile = 'model.safetensors';
export const manifestFile = 'manifest.json';

/** A version in the list of a store. */
export interface StoredVersion {
  readonly id: string;
  readonly version: string;
  readonly folder: string;
  /** Absent: there is a `fault`. */
  readonly manifest?: Manifest;
  readonly fault?: string;
}

/** A version that was read and found to be what its manifest says. */
export interface VerifiedVersion {
  readonly manifest: Manifest;
  /** Its model file. */
  readonly path: string;
}

export class Versions {
  readonly #files: FileSystem;
  readonly #folder: string;
  readonly #signatures: SignaturePolicy;

  /** @param folder absolute path of the folder that holds a folder an id */
  constructor(files: FileSystem, folder: string, signatures: SignaturePolicy) {
    this.#files = files;
    this.#folder = folder;
    this.#signatures = signatures;
  }

  /** Folder of an id, or of a version of it. Throws a `bad_name` refusal for names that would lead elsewhere. */
  folder(id: string, folder?: string): string {
    checkName('id', id);
    const path = resolve(this.#folder, id, folder ?? '.');
    if (!path.startsWith(this.#folder + sep))
      throw new Refusal('bad_name', `${path} is not below ${this.#folder}`);
    return path;
  }

  /** Every version, by id and then by version. What is none of ours is left out. */
  async list(): Promise<StoredVersion[]> {
    const found: StoredVersion[] = [];
    for (const id of await this.ids()) found.push(...(await this.listOf(id)));
    return found;
  }

  /** Ids that have a folder. */
  async ids(): Promise<string[]> {
    const found: string[] = [];
    for (const name of await this.#namesIn(this.#folder))
      if (isId(name) && (await this.#files.kind(this.folder(name))) === 'folder') found.push(name);
    return found;
  }

  async listOf(id: string): Promise<StoredVersion[]> {
    const folders = await this.#namesIn(this.folder(id));
    const found: StoredVersion[] = [];
    for (const name of folders) {
      const version = versionOfFolder(name);
      if (version === undefined) continue;
      const about = { id, version, folder: this.folder(id, name) };
      try {
        found.push({ ...about, manifest: await this.#manifest(about) });
      } catch (error) {
        found.push({ ...about, fault: (error as Error).message });
      }
    }
    return found;
  }

  /** Throws a `not_found` refusal. */
  async find(id: string, version: string): Promise<StoredVersion> {
    checkName('version', version);
    const found = (await this.listOf(id)).find((one) => one.version === version);
    if (found === undefined)
      throw new Refusal('not_found', `${versionName({ id, version })} is not in the store`);
    return found;
  }

  /**
   * Reads a version: its file has the size and the digest of the manifest, and a signature that the policy accepts.
   * Throws `Refusal`: damaged, not_signed, bad_signature.
   */
  async verify(stored: StoredVersion): Promise<VerifiedVersion> {
    const { manifest, folder, fault } = stored;
    const name = versionName(stored);
    if (manifest === undefined) throw new Refusal('damaged', `${name}: ${fault}`);
    const path = join(folder, modelFile);
    const bytes = await this.#readOwn(name, path, manifest.size);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (bytes.length !== manifest.size || sha256 !== manifest.sha256)
      throw new Refusal(
        'damaged',
        `${path} has ${bytes.length} bytes with digest ${sha256.slice(0, 8)}, not ${manifest.size} with ${manifest.sha256.slice(0, 8)}`,
      );
    checkSignature(manifest, manifest.signature, this.#signatures);
    return { manifest, path };
  }

  /** Finds and verifies a version that was referred to by its digest. */
  async verifyRef(ref: VersionRef): Promise<VerifiedVersion> {
    const verified = await this.verify(await this.find(ref.id, ref.version));
    if (verified.manifest.sha256 !== ref.sha256)
      throw new Refusal('damaged', `${versionName(ref)} is another file than the one that was activated`);
    return verified;
  }

  /** Takes write permission away from a version. */
  async protect(folder: string): Promise<void> {
    for (const name of [modelFile, manifestFile]) await this.#files.setWritable(join(folder, name), false);
    await this.#files.setWritable(folder, false);
  }

  /** Throws a `bad_name` refusal for a folder that is a link or lies behind one: then it is not ours. */
  async checkInside(folder: string): Promise<void> {
    const [root, real] = [await this.#files.realPath(this.#folder), await this.#files.realPath(folder)];
    if (real !== join(root, relative(this.#folder, folder)))
      throw new Refusal('bad_name', `${folder} leads to ${real}, out of the store`);
  }

  async #manifest(about: { id: string; version: string; folder: string }): Promise<Manifest> {
    await this.checkInside(about.folder);
    const manifest = parseManifest(await this.#files.read(join(about.folder, manifestFile), maxJsonBytes));
    if (about.folder !== this.folder(about.id, folderName(manifest)) || manifest.id !== about.id)
      throw new Error(`the manifest is that of ${versionName(manifest)}`);
    return manifest;
  }

  async #readOwn(name: string, path: string, limit: number): Promise<Uint8Array> {
    try {
      return await this.#files.read(path, limit);
    } catch (error) {
      if (error instanceof FileTooLarge || errorCode(error) !== undefined)
        throw new Refusal('damaged', `${name}: ${(error as Error).message}`);
      throw error;
    }
  }

  async #namesIn(folder: string): Promise<string[]> {
    return (await this.#files.kind(folder)) === 'folder' ? this.#files.list(folder) : [];
  }
}

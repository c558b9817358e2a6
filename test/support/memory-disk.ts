/**
 * A file system in memory on which the power can fail after every operation, and which then shows what a fresh start
 * could find. The model, which is that of a journaling file system at its worst:
 *
 *   - a change of names (make, rename, remove, link) survives for certain once a folder that it touches was synchronised;
 *     before, each survives or does not, whatever the others do
 *   - a rename is one change: its node is at the old place or at the new one, never at both or none
 *   - the content of a file survives for certain once it was synchronised; before, it is the old content, the new one,
 *     or the first half of the new one
 *   - so with permissions: new for certain once the file or folder itself was synchronised, else old or new
 *
 * Permissions are kept to, as for a user who is not root.
 */
import { basename, dirname } from 'node:path';
import { type FileKind, type FileSystem, FileTooLarge } from '../../runtime/durable/index.js';

export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

/** What of the changes that were not synchronised survives a power cut. */
export interface Survival {
  name(): boolean;
  permission(): boolean;
  content(): 'old' | 'new' | 'torn';
}

interface FileNode {
  readonly kind: 'file';
  content: Uint8Array;
  durable: Uint8Array;
  writable: boolean;
  durablyWritable: boolean;
}

interface FolderNode {
  readonly kind: 'folder';
  readonly names: Names;
  readonly durable: Names;
  writable: boolean;
  durablyWritable: boolean;
}

interface LinkNode {
  readonly kind: 'link';
  readonly target: string;
}

type Node = FileNode | FolderNode | LinkNode;
type Names = Map<string, Node>;

/** One change of names; without a node the name is gone. */
interface Change {
  readonly from?: Place;
  readonly to?: Place;
  readonly node: Node;
}

interface Place {
  readonly folder: FolderNode;
  readonly name: string;
}

export class MemoryDisk implements FileSystem {
  readonly #root: FolderNode;
  readonly #folders = new Set<FolderNode>();
  #pending: Change[] = [];
  /** Operations so far, by name and path. */
  readonly operations: string[] = [];
  /** The power fails when so many operations are done. */
  powerFor = Number.POSITIVE_INFINITY;
  /** What the next writes fail with. */
  writeError: string | undefined;
  /** A disk that says it has synchronised and has not. */
  liesAboutSync = false;

  constructor(root: FolderNode = folderNode(new Map())) {
    this.#root = root;
    this.#know(root);
  }

  /** The disk as a fresh start could find it. */
  afterCut(survival: Survival): MemoryDisk {
    const found = new Map([...this.#folders].map((folder) => [folder, new Map(folder.durable)]));
    for (const change of this.#pending) if (survival.name()) apply(change, found);
    const copy = (node: Node): Node => {
      if (node.kind === 'link') return node;
      const isNew = node.writable === node.durablyWritable || survival.permission();
      const writable = isNew ? node.writable : node.durablyWritable;
      if (node.kind === 'folder')
        return folderNode(
          new Map([...found.get(node)!].map(([name, inner]) => [name, copy(inner)])),
          writable,
        );
      const content = survivingContent(node, survival);
      return { kind: 'file', content, durable: content, writable, durablyWritable: writable };
    };
    return new MemoryDisk(copy(this.#root) as FolderNode);
  }

  async kind(path: string): Promise<FileKind | undefined> {
    return this.#node(path)?.kind;
  }

  async read(path: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
    const node = this.#there(path);
    if (node.kind !== 'file') throw failure(node.kind === 'link' ? 'ELOOP' : 'EINVAL', path);
    if (node.content.length > limit) throw new FileTooLarge(path, node.content.length, limit);
    return new Uint8Array(node.content);
  }

  async list(path: string): Promise<string[]> {
    return [...this.#folder(path).names.keys()].sort();
  }

  async realPath(path: string): Promise<string> {
    const node = this.#there(path);
    return node.kind === 'link' ? node.target : path;
  }

  async readLink(path: string): Promise<string> {
    const node = this.#there(path);
    if (node.kind !== 'link') throw failure('EINVAL', path);
    return node.target;
  }

  async makeFolder(path: string): Promise<void> {
    this.#step('makeFolder', path);
    this.#add(path, folderNode(new Map()));
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.#step('write', path);
    if (this.writeError !== undefined) throw failure(this.writeError, path);
    const there = this.#node(path);
    if (there === undefined) {
      this.#add(path, {
        kind: 'file',
        content: Uint8Array.from(bytes),
        durable: new Uint8Array(),
        writable: true,
        durablyWritable: true,
      });
    } else {
      if (there.kind !== 'file' || !there.writable) throw failure('EACCES', path);
      there.content = Uint8Array.from(bytes);
    }
  }

  async syncFile(path: string): Promise<void> {
    this.#step('syncFile', path);
    const node = this.#there(path);
    if (node.kind !== 'file') throw failure('EINVAL', path);
    if (this.liesAboutSync) return;
    node.durable = node.content;
    node.durablyWritable = node.writable;
  }

  async syncFolder(path: string): Promise<void> {
    this.#step('syncFolder', path);
    const folder = this.#folder(path);
    if (this.liesAboutSync) return;
    folder.durablyWritable = folder.writable;
    const last = this.#pending.findLastIndex(
      ({ from, to }) => from?.folder === folder || to?.folder === folder,
    );
    const nodes = new Set(
      this.#pending
        .filter(({ from, to }) => from?.folder === folder || to?.folder === folder)
        .map(({ node }) => node),
    );
    const isDurable = (change: Change, i: number): boolean => i <= last && nodes.has(change.node);
    const durable = new Map([...this.#folders].map((each) => [each, each.durable]));
    for (const change of this.#pending.filter(isDurable)) apply(change, durable);
    this.#pending = this.#pending.filter((change, i) => !isDurable(change, i));
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step('rename', `${from} ${to}`);
    const [node, there] = [this.#there(from), this.#node(to)];
    if (node.kind === 'folder' && !node.writable) throw failure('EACCES', from); // its .. would change
    if (there?.kind === 'folder' && (node.kind !== 'folder' || there.names.size > 0))
      throw failure('ENOTEMPTY', to);
    if (there !== undefined && there.kind !== 'folder' && node.kind === 'folder')
      throw failure('ENOTDIR', to);
    this.#change({ from: this.#place(from), to: this.#place(to), node });
  }

  async link(target: string, path: string): Promise<void> {
    this.#step('link', path);
    this.#add(path, { kind: 'link', target });
  }

  async remove(path: string): Promise<void> {
    this.#step('remove', path);
    const node = this.#there(path);
    if (node.kind === 'folder') throw failure('EISDIR', path);
    this.#change({ from: this.#place(path), node });
  }

  async removeFolder(path: string): Promise<void> {
    this.#step('removeFolder', path);
    const node = this.#folder(path);
    if (node.names.size > 0) throw failure('ENOTEMPTY', path);
    this.#change({ from: this.#place(path), node });
  }

  async setWritable(path: string, writable: boolean): Promise<void> {
    this.#step('setWritable', path);
    const node = this.#there(path);
    if (node.kind !== 'link') node.writable = writable;
  }

  #step(name: string, path: string): void {
    if (this.operations.length >= this.powerFor) throw new PowerCut();
    this.operations.push(`${name} ${path}`);
  }

  #add(path: string, node: Node): void {
    if (this.#node(path) !== undefined) throw failure('EEXIST', path);
    if (node.kind === 'folder') this.#know(node);
    this.#change({ to: this.#place(path), node });
  }

  #change(change: Change): void {
    for (const place of [change.from, change.to])
      if (place?.folder.writable === false) throw failure('EACCES', place.name);
    apply(change, new Map([...this.#folders].map((folder) => [folder, folder.names])));
    this.#pending.push(change);
  }

  #place(path: string): Place {
    return { folder: this.#folder(dirname(path)), name: basename(path) };
  }

  #node(path: string): Node | undefined {
    if (path === '/') return this.#root;
    const folder = this.#node(dirname(path));
    return folder?.kind === 'folder' ? folder.names.get(basename(path)) : undefined;
  }

  #there(path: string): Node {
    const node = this.#node(path);
    if (node === undefined) throw failure('ENOENT', path);
    return node;
  }

  #folder(path: string): FolderNode {
    const node = this.#there(path);
    if (node.kind !== 'folder') throw failure('ENOTDIR', path);
    return node;
  }

  #know(folder: FolderNode): void {
    this.#folders.add(folder);
    for (const node of folder.names.values()) if (node.kind === 'folder') this.#know(node);
  }
}

function folderNode(names: Names, writable = true): FolderNode {
  return { kind: 'folder', names, durable: new Map(names), writable, durablyWritable: writable };
}

/** A node has one place, so putting it somewhere takes it away from everywhere else. */
function apply({ from, to, node }: Change, folders: ReadonlyMap<FolderNode, Names>): void {
  if (from !== undefined && folders.get(from.folder)!.get(from.name) === node)
    folders.get(from.folder)!.delete(from.name);
  if (to === undefined) return;
  for (const names of folders.values())
    for (const [name, there] of names) if (there === node) names.delete(name);
  folders.get(to.folder)!.set(to.name, node);
}

function survivingContent({ content, durable }: FileNode, survival: Survival): Uint8Array {
  if (content === durable) return durable;
  switch (survival.content()) {
    case 'old':
      return durable;
    case 'new':
      return content;
    case 'torn':
      return content.slice(0, content.length / 2);
  }
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

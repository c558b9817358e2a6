/**
 * Port of what durable state needs of a file system. Each method that changes something is one operation, after which
 * the power may fail; nothing is durable before it is synchronised. Errors are the system's, with `code`.
 */
export interface FileSystem {
  /** What lies at a path, links not followed; undefined: nothing. */
  kind(path: string): Promise<FileKind | undefined>;
  /**
   * Bytes of a file. Rejects with `FileTooLarge` before it reads when there are more than `limit`, and with the code
   * EINVAL or ELOOP when the path is no file but a folder, link or device.
   */
  read(path: string, limit: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Names in a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** The path without any links in it. */
  realPath(path: string): Promise<string>;
  /** Where a symbolic link points. */
  readLink(path: string): Promise<string>;

  /** Makes one folder; EEXIST when there is something. */
  makeFolder(path: string): Promise<void>;
  /**
   * Makes a file or replaces its content, with the permissions of the file `like` if one is named. Not durable before
   * `syncFile` and, for a new one, `syncFolder`.
   */
  write(path: string, bytes: Uint8Array, like?: string): Promise<void>;
  /** Makes the content of a file durable; its name is the folder's. */
  syncFile(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Atomic: a reader, also after a power cut, finds the old state or the new one. Replaces files, not full folders. */
  rename(from: string, to: string): Promise<void>;
  /** Makes a symbolic link; EEXIST when there is something. */
  link(target: string, path: string): Promise<void>;
  /** Removes a file or a link. */
  remove(path: string): Promise<void>;
  /** Removes an empty folder. */
  removeFolder(path: string): Promise<void>;
  /** Whether a file's content, or the names in a folder, may be changed by anybody. */
  setWritable(path: string, writable: boolean): Promise<void>;
}

export type FileKind = 'file' | 'folder' | 'link' | 'other';

export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';

  constructor(path: string, bytes: number, limit: number) {
    super(`${path}: ${bytes} bytes are more than the limit of ${limit}`);
  }
}

/** Code of a system error, such as ENOENT; undefined for other errors. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

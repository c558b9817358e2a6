/**
 * The safetensors container: 8 bytes little-endian header length, a JSON header {name: {dtype, shape, data_offsets}},
 * then raw little-endian data. Only float32 is read: whorl computes in nothing else. Every size is checked before
 * anything is allocated, because model files may come from anywhere.
 */
import { endianness } from 'node:os';
import { NetworkError, type NetworkFault } from '../network/errors.js';
import type { Tensor, Weights } from '../network/weights.js';
import { smallestNormal } from '../neurons/lif.js';
import { repeatedKey, topLevelKeys } from './json-keys.js';
import { parseJson } from './parse-json.js';

export interface SafetensorsLimits {
  readonly fileBytes: number;
  readonly headerBytes: number;
  readonly tensors: number;
}

export const defaultLimits: SafetensorsLimits = {
  fileBytes: 512 * 2 ** 20,
  headerBytes: 16 * 2 ** 20,
  tensors: 1024,
};

export interface SafetensorsFile {
  readonly tensors: Weights;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file's bytes. Denormal weights are read as zero (see `smallestNormal`). The tensors may share the memory of
 * `bytes`, which is then theirs: do not use it for anything else.
 * Throws `NetworkError` for anything that is not a well-formed float32 safetensors file within the limits: wrong sizes,
 * overlapping or missing data, unknown types, duplicate names, NaN or infinite values.
 */
export function readSafetensors(
  bytes: Uint8Array,
  limits: SafetensorsLimits = defaultLimits,
): SafetensorsFile {
  if (bytes.length > limits.fileBytes)
    fail(`${bytes.length} bytes are more than the limit of ${limits.fileBytes}`, 'too_large');
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a header`, 'truncated');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > BigInt(Math.min(limits.headerBytes, bytes.length - 8))) {
    fail(
      `the header claims ${headerLength} bytes; the file has ${bytes.length - 8} and the limit is ${limits.headerBytes}`,
      faultOfHeader(headerLength, limits),
    );
  }
  const dataStart = 8 + Number(headerLength);
  const header = parseHeader(bytes.subarray(8, dataStart));
  const { __metadata__: metadata = {}, ...entries } = header;
  const names = Object.keys(entries);
  if (names.length > limits.tensors)
    fail(`${names.length} tensors are more than the limit of ${limits.tensors}`, 'too_large');

  const placed = names.map((name) => ({
    name,
    ...checkEntry(name, entries[name], bytes.length - dataStart),
  }));
  checkCoverage(placed, bytes.length - dataStart);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape, begin, end } of placed) {
    tensors.set(name, { shape, data: readFloats(name, view, dataStart + begin, (end - begin) / 4) });
  }
  return { tensors, metadata: checkMetadata(metadata) };
}

/** Writes tensors and metadata; the header is padded with spaces so that the data starts at a multiple of 8 bytes. */
export function writeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + 4 * data.length] };
    offset += 4 * data.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  let at = 8 + headerLength;
  for (const { data } of tensors.values())
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  return bytes;
}

/** A header of more than 4 GiB is none: the file is of another kind. */
function faultOfHeader(bytes: bigint, { headerBytes }: SafetensorsLimits): NetworkFault | undefined {
  if (bytes > 2n ** 32n) return undefined;
  return bytes > BigInt(headerBytes) ? 'too_large' : 'truncated';
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = parseJson(text);
  } catch (error) {
    return fail(`the header is not JSON: ${(error as Error).message}`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return fail('the header is not a JSON object');
  const twice = repeatedKey(topLevelKeys(text));
  if (twice !== undefined) fail(`tensor "${twice}" stands twice in the header`);
  return header as Record<string, unknown>;
}

interface Place {
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function checkEntry(name: string, entry: unknown, dataBytes: number): Place {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (dtype !== 'F32')
    return fail(
      `tensor "${name}" has type ${String(dtype)}; only F32 is supported (in PyTorch: tensor.float())`,
    );
  if (!isCounts(shape) || shape.length > 8) return fail(`tensor "${name}" has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) return fail(`tensor "${name}" has no valid data_offsets`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes)
    return fail(
      `tensor "${name}" lies at ${begin}..${end} of ${dataBytes} data bytes`,
      begin <= end ? 'truncated' : undefined,
    );
  const size = shape.reduce((a, b) => a * b, 4);
  if (size !== end - begin)
    return fail(`tensor "${name}" [${shape}] needs ${size} bytes, its data has ${end - begin}`, 'shape');
  return { shape, begin, end };
}

/** Data must be covered without gaps or overlaps, as the format demands: no room for hidden content. */
function checkCoverage(places: readonly (Place & { name: string })[], dataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of [...places].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) fail(`tensor "${name}" starts at data byte ${begin}, expected ${covered}`);
    covered = end;
  }
  if (covered !== dataBytes)
    fail(`${dataBytes - covered} bytes after the last tensor belong to none (or the file is cut off)`);
}

function readFloats(name: string, view: DataView, at: number, length: number): Float32Array {
  const data = floatsAt(view, at, length);
  for (let i = 0; i < length; i++) {
    const value = data[i]!;
    if (!Number.isFinite(value)) fail(`tensor "${name}" holds ${value} at index ${i}`, 'not_finite');
    if (value !== 0 && Math.abs(value) < smallestNormal) data[i] = 0;
  }
  return data;
}

/** The floats in the file's own memory where they lie well, so that a model is held once; else a copy. */
function floatsAt(view: DataView, at: number, length: number): Float32Array {
  const place = view.byteOffset + at;
  if (place % 4 === 0 && endianness() === 'LE') return new Float32Array(view.buffer, place, length);
  return Float32Array.from({ length }, (_, i) => view.getFloat32(at + 4 * i, true));
}

function checkMetadata(metadata: unknown): Record<string, string> {
  if (typeof metadata !== 'object' || metadata === null) return fail('__metadata__ is not an object');
  const wrong = Object.entries(metadata).find(([, value]) => typeof value !== 'string');
  if (wrong !== undefined) fail(`__metadata__.${wrong[0]} is not a string`);
  return metadata as Record<string, string>;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function fail(reason: string, fault?: NetworkFault): never {
  throw new NetworkError(`not a usable safetensors file: ${reason}`, fault);
}

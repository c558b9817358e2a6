/** A trained network as one file: weights, description, provenance, metrics and a self-test in one safetensors file. */
import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Network } from '../engine/engine.js';
import { NetworkError } from '../network/errors.js';
import { checkSpec, checkWeights } from '../network/shapes.js';
import { readFileAs } from './read-file.js';
import { importReference, isReferenceFile } from './reference-import.js';
import { defaultLimits, readSafetensors, type SafetensorsLimits, writeSafetensors } from './safetensors.js';
import {
  type JsonRecord,
  parseRecord,
  parseSelfTest,
  parseSpec,
  parseVersion,
  type SelfTestCase,
} from './schema.js';

/** Version of the metadata layout; readers refuse a newer one. */
const formatVersion = '1';

export interface Model extends Network {
  /** The spec's name. */
  readonly id: string;
  readonly version: string;
  /** Digest of the whole file, hexadecimal. */
  readonly sha256: string;
  /** Where the weights come from: data, seeds, settings, date. */
  readonly training: JsonRecord;
  /** Accuracies as measured when the model was made. */
  readonly metrics: JsonRecord;
  /** Windows and the output counts that they must give. Empty for imported checkpoints. */
  readonly selfTest: readonly SelfTestCase[];
}

export type ModelContent = Omit<Model, 'id' | 'sha256'>;

/**
 * Reads a model file: one of ours, or a published-style checkpoint (tensors `spatial.*` and `location.*`).
 * Throws `NetworkError` with the path and the reason for a file that cannot be used, and the system's error when it
 * cannot be read.
 */
export async function readModelFile(path: string, limits: SafetensorsLimits = defaultLimits): Promise<Model> {
  return readFileAs(path, limits.fileBytes, (bytes) =>
    readModel(bytes, basename(path).replace(/\.safetensors$/, ''), limits),
  );
}

/** Reads a model from the bytes of its file; `name` names a checkpoint that does not name itself. */
export function readModel(bytes: Uint8Array, name: string, limits: SafetensorsLimits = defaultLimits): Model {
  const sha256 = createHash('sha256').update(bytes).digest('hex'); // before the reader takes the bytes over
  const file = readSafetensors(bytes, limits);
  if (isReferenceFile(file)) {
    const network = importReference(file, name);
    return { ...network, id: name, version: '0', sha256, training: {}, metrics: {}, selfTest: [] };
  }
  const { metadata, tensors } = file;
  const text = (key: string): string => {
    const value = metadata[`whorl.${key}`];
    if (value === undefined)
      throw new NetworkError(`metadata "whorl.${key}" is missing: this is not a whorl model file`);
    return value;
  };
  if (text('format') !== formatVersion) {
    throw new NetworkError(
      `model format ${text('format')} is not supported; this whorl reads format ${formatVersion}`,
      'old_format',
    );
  }
  const spec = parseSpec(text('spec'));
  checkSpec(spec);
  checkWeights(spec, tensors);
  return {
    spec,
    weights: tensors,
    id: spec.name,
    version: parseVersion(JSON.stringify(text('version'))),
    sha256,
    training: parseRecord(text('training')),
    metrics: parseRecord(text('metrics')),
    selfTest: parseSelfTest(text('selfTest')),
  };
}

/** The bytes of a model file. */
export function writeModel(model: ModelContent): Uint8Array {
  checkSpec(model.spec);
  checkWeights(model.spec, model.weights);
  const metadata = {
    format: 'pt',
    'whorl.format': formatVersion,
    'whorl.version': model.version,
    'whorl.spec': JSON.stringify(model.spec),
    'whorl.training': JSON.stringify(model.training),
    'whorl.metrics': JSON.stringify(model.metrics),
    'whorl.selfTest': JSON.stringify(model.selfTest),
  };
  return writeSafetensors({ tensors: model.weights, metadata });
}

/** Writes a model file so that a reader sees the old file or the whole new one. */
export async function writeModelFile(path: string, model: ModelContent): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(temporary, writeModel(model), { flush: true });
  await rename(temporary, path);
}

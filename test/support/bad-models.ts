/** Models that must not serve, each for a reason of its own, in place of the bundled one. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  engineByName,
  hybridLifSpec,
  initialWeights,
  type ModelContent,
  madeUpWindows,
  makeSelfTest,
  type Network,
  readModelFile,
  writeModelFile,
} from '../../models/index.js';
import { modelPath } from '../../runtime/bundled.js';
import { createKeys, readPrivateKey, signatureFile, signModel } from '../../runtime/swap/index.js';

export interface BadModel {
  readonly name: string;
  /** Code that it is refused with. */
  readonly code: string;
  /** Whether it comes into the store, and is refused when it is to serve. */
  readonly stages: boolean;
  readonly file: Uint8Array;
  /** Digest that is said of it. */
  readonly sha256: string;
  readonly signature?: string;
}

/** A window of it takes many times longer than `slowLimitMs`. */
export const slowLimitMs = 20;

/** Writes the models to `folder` and reads them again. */
export async function badModels(folder: string): Promise<BadModel[]> {
  const { id: _, sha256: __, ...demo } = await readModelFile(modelPath('demo'));
  let count = 0;
  const written = async (content: ModelContent): Promise<Uint8Array> => {
    const path = join(folder, `bad-${count++}.safetensors`);
    await writeModelFile(path, content);
    return readFileSync(path);
  };
  const good = await written({ ...demo, version: 'good' });
  const labels = demo.spec.labels.map((label) => `${label}!`);
  const [first, ...others] = demo.selfTest;
  const wrongCounts = { ...first!, time: first!.time!.map((count) => count + 1) };
  const [fewer, slow] = [await otherTaxels(), await slowNetwork()];
  const changed = (change: (bytes: Buffer) => unknown): Uint8Array => {
    const bytes = Buffer.from(good);
    change(bytes);
    return bytes;
  };
  const refused = (name: string, code: string, file: Uint8Array, sha256 = digest(file)): BadModel => ({
    ...{ name, code, stages: false, file, sha256 },
  });
  const staged = async (name: string, code: string, content: ModelContent): Promise<BadModel> => {
    const file = await written(content);
    return { name, code, stages: true, file, sha256: digest(file) };
  };
  return [
    refused('cut off', 'truncated', good.slice(0, good.length - 1000)),
    refused('a flipped bit', 'wrong_digest', changed(flipLast), digest(good)),
    refused(
      'NaN in a weight',
      'not_finite',
      changed((bytes) => bytes.fill(0xff, bytes.length - 4)),
    ),
    refused('of an old format', 'old_format', changed(olderFormat)),
    refused(
      'a header of 2 GB',
      'too_large',
      changed((bytes) => bytes.writeBigUInt64LE(2n ** 31n)),
    ),
    refused('no model at all', 'bad_file', Buffer.from('hello, robot: this is no model file')),
    refused(
      'a self-test that fails',
      'self_test',
      await written({ ...demo, version: 'st', selfTest: [wrongCounts, ...others] }),
    ),
    refused('a name that leads elsewhere', 'bad_name', await written(named(demo, '../../etc'))),
    {
      ...refused('signed by a stranger', 'bad_signature', good),
      signature: signatureFile(
        signModel(
          { id: demo.spec.name, version: 'good', sha256: digest(good), size: good.length },
          readPrivateKey(createKeys().privateKey),
        ),
      ),
    },
    await staged('for other taxels', 'wrong_shape', { ...demo, ...fewer, version: 'taxels', selfTest: [] }),
    await staged('with other labels', 'wrong_labels', {
      ...demo,
      version: 'labels',
      spec: { ...demo.spec, labels },
    }),
    await staged('slow', 'too_slow', { ...demo, ...slow, version: 'slow' }),
  ];
}

/** The bundled model with a network that never spikes: nothing is wrong with it before it is seen at work. */
export async function silentModel(folder: string): Promise<string> {
  const { id: _, sha256: __, ...demo } = await readModelFile(modelPath('demo'));
  const weights = new Map(
    [...demo.weights].map(([name, { shape, data }]) => [
      name,
      { shape, data: new Float32Array(data.length) },
    ]),
  );
  const executor = await engineByName('event').compile({ spec: demo.spec, weights });
  const selfTest = await makeSelfTest(executor, madeUpWindows(demo.spec.input));
  const path = join(folder, 'silent.safetensors');
  await writeModelFile(path, { ...demo, weights, selfTest, version: 'silent' });
  return path;
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function flipLast(bytes: Buffer): void {
  bytes[bytes.length - 3]! ^= 1;
}

function olderFormat(bytes: Buffer): void {
  const at = bytes.indexOf('"whorl.format":"') + '"whorl.format":"'.length;
  bytes.write('0', at);
}

function named(content: ModelContent, name: string): ModelContent {
  return { ...content, version: 'name', spec: { ...content.spec, name } };
}

async function otherTaxels(): Promise<Network> {
  const { spec } = await readModelFile(modelPath('demo'));
  return networkOf(spec.name, spec.labels, 38, [8]);
}

async function slowNetwork(): Promise<Network & Pick<ModelContent, 'selfTest'>> {
  const { spec } = await readModelFile(modelPath('demo'));
  const slow = networkOf(spec.name, spec.labels, 39, [1536, 1536]);
  const executor = await engineByName('event').compile(slow);
  return { ...slow, selfTest: await makeSelfTest(executor, madeUpWindows(slow.spec.input).slice(0, 1)) };
}

function networkOf(name: string, labels: readonly string[], taxels: number, hidden: number[]): Network {
  const spec = hybridLifSpec({
    ...{ name, labels: [...labels], taxels, bins: 50, binUs: 20_000, fingers: 1 },
    ...{ taxelEdges: [[0, 1]], convChannels: 64, hidden },
  });
  const weights = new Map(
    [...initialWeights(spec, 3)].map(([key, { shape, data }]) => [
      key,
      { shape, data: data.map((w) => Math.abs(w) * 5) },
    ]),
  );
  return { spec, weights };
}

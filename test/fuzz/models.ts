/**
 * The reader of model files, fed with spoiled ones. Promised: what it throws is a `NetworkError`, nothing takes long, and
 * what it accepts is a model whose self-test can be run.
 */
import { Random } from '../../devices/simulator/random.js';
import { writeSafetensors } from '../../models/format/safetensors.js';
import {
  engineByName,
  hybridLifSpec,
  hybridSrmSpec,
  initialWeights,
  makeSelfTest,
  type Network,
  NetworkError,
  readModel,
  selfTestWindows,
  windowFromCells,
  writeModel,
} from '../../models/index.js';
import { integer } from '../support/driver-kinds.js';
import { spoilBytes, spoilText, spoilValue } from '../support/mutations.js';
import { type FuzzOptions, type FuzzTarget, feedAll } from './fuzz.js';

export const fuzz: FuzzTarget = {
  name: 'models',
  about: 'the reader of model files with spoiled files',
  inputs: 1_000_000,
  run,
};

async function run(options: FuzzOptions): Promise<Record<string, number>> {
  const files = await wholeFiles();
  const counts = { accepted: 0, refused: 0, bytes: 0 };
  const feed = (seed: number, again: boolean): void => {
    const what = again ? { accepted: 0, refused: 0, bytes: 0 } : counts;
    const random = new Random(seed);
    const bytes = spoilFile(random.pick(files), random);
    what.bytes += bytes.length;
    try {
      const model = readModel(bytes, 'fuzz');
      selfTestWindows(model, model.selfTest);
      what.accepted++;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      if (error.message === '') throw new Error('an error without a word');
      what.refused++;
    }
  };
  const fed = await feedAll(options, feed);
  return { ...fed, ...counts, rss_mb: Math.round(process.memoryUsage().rss / 2 ** 20) };
}

/** A model of each kind, as small as they come, and one in the layout of published checkpoints. */
async function wholeFiles(): Promise<Uint8Array[]> {
  const input = { taxels: 3, bins: 4, binUs: 10_000, fingers: 1 };
  const edges = [
    [0, 1],
    [1, 2],
  ] as const;
  const lif = hybridLifSpec({
    ...{ name: 'lif', labels: ['a', 'b'], ...input },
    ...{ taxelEdges: edges, convChannels: 2, hidden: [2] },
  });
  const srm = hybridSrmSpec({ name: 'srm', labels: ['a', 'b'], ...input, hidden: [2] });
  const networks = [lif, srm].map((spec) => ({ spec, weights: initialWeights(spec, 7) }));
  const models = await Promise.all(networks.map(asModelFile));
  const tensors = [...networks[0]!.weights].map(
    ([name, tensor]) => [name.replace(/^time\./, 'spatial.'), tensor] as const,
  );
  const metadata = { spatialEdges: JSON.stringify(edges), bins: '4' };
  return [...models, writeSafetensors({ tensors: new Map(tensors), metadata })];
}

async function asModelFile(network: Network): Promise<Uint8Array> {
  const windows = [[], [0, 3, 8]].map((cells) => windowFromCells(network.spec.input, cells));
  const selfTest = await makeSelfTest(await engineByName('reference').compile(network), windows);
  return writeModel({
    ...network,
    version: '1',
    training: { seed: 1 },
    metrics: { accuracy: 0.5 },
    selfTest,
  });
}

function spoilFile(file: Uint8Array, random: Random): Uint8Array {
  const what = random.next();
  if (what < 0.2) return spoilBytes(file, random);
  const dataStart = 8 + Number(Buffer.from(file).readBigUInt64LE());
  const header = Buffer.from(file.subarray(8, dataStart)).toString();
  const data = file.subarray(dataStart);
  if (what < 0.35) return withHeader(spoilText(header, random), data);
  const value = JSON.parse(header) as Record<string, unknown>;
  if (what < 0.55) return withHeader(JSON.stringify(spoilValue(value, random)), data);
  if (what < 0.6) {
    const spoiled = withHeader(header, data);
    Buffer.from(spoiled.buffer).writeBigUInt64LE(
      random.pick([0n, 1n, 2n ** 24n, 2n ** 63n, BigInt(integer(random, 0, 5000))]),
    );
    return spoiled;
  }
  const metadata = { ...(value['__metadata__'] as Record<string, string>) };
  const key = random.pick(Object.keys(metadata));
  const text = metadata[key]!;
  metadata[key] =
    /^[[{]/.test(text) && random.next() < 0.8
      ? JSON.stringify(spoilValue(JSON.parse(text), random))
      : spoilText(text, random);
  return withHeader(JSON.stringify({ ...value, __metadata__: metadata }), data);
}

function withHeader(header: string, data: Uint8Array): Uint8Array {
  const json = Buffer.from(header);
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + length + data.length, ' ');
  bytes.writeBigUInt64LE(BigInt(length));
  json.copy(bytes, 8);
  bytes.set(data, 8 + length);
  return bytes;
}

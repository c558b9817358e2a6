import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import {
  engineByName,
  hybridLifSpec,
  type InputSpec,
  initialWeights,
  type ModelContent,
  makeSelfTest,
  type Network,
  windowFromCells,
  writeModelFile,
} from '../../models/index.js';
import { smallInput } from './window-rows.js';

/** A folder that is removed when the tests of the file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A network over `smallInput`, lively enough that windows get different answers. */
export function smallNetwork(sensors = 1, input: InputSpec = smallInput(sensors)): Network {
  const spec = hybridLifSpec({
    name: 'small',
    labels: ['press', 'slip', 'none'],
    taxels: input.taxels,
    bins: input.bins,
    binUs: input.binUs,
    fingers: input.channels / 2,
    taxelEdges: [
      [0, 1],
      [1, 0],
    ],
    convChannels: 4,
    hidden: [8],
  });
  const weights = new Map(
    [...initialWeights(spec, 7)].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((w) => 3 * w) },
    ]),
  );
  return { spec, weights };
}

/** Writes `network` as a model file with a self-test, and returns its path. `change` spoils what it likes. */
export async function smallModelFile(
  folder: string,
  network: Network = smallNetwork(),
  change: (content: ModelContent) => ModelContent = (content) => content,
): Promise<string> {
  const windows = [[], [0, 3, 8], [1, 2, 3, 4, 5, 6, 7, 8]].map((cells) =>
    windowFromCells(network.spec.input, cells),
  );
  const selfTest = await makeSelfTest(await engineByName('reference').compile(network), windows);
  const path = join(mkdtempSync(join(folder, 'model-')), 'small.safetensors');
  await writeModelFile(path, change({ ...network, version: '1', training: {}, metrics: {}, selfTest }));
  return path;
}

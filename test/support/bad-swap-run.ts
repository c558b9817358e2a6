/** Models that must not serve are offered to an edge under steady windows: each is refused, and results keep flowing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeys } from '../../runtime/swap/index.js';
import { percentile } from '../bench/bench.js';
import { type BadModel, badModels, digest, silentModel, slowLimitMs } from './bad-models.js';
import type { Cleanup } from './cleanup.js';
import { rounded } from './promises.js';
import { pipeline, type Response, SteadyEdge } from './steady-edge.js';
import { twoVersions } from './swap-run.js';

export interface BadSwapTerms {
  readonly folder: string;
  /** Windows a second. */
  readonly rate: number;
  /** Told of each offer and what it was answered. */
  readonly tell?: (offer: string, code: string) => void;
}

const pieceBytes = 45_000;

/** Sends a file in pieces; resolves to the last answer, or to the first refusal. */
async function offer(edge: SteadyEdge, { file, sha256, signature }: BadModel): Promise<Response> {
  const about = { upload: sha256.slice(0, 12), bytes: file.length, sha256 };
  let answer: Response = { status: 'ok' };
  for (let offset = 0; offset < file.length && answer.status === 'ok'; offset += pieceBytes) {
    const data = Buffer.from(file.subarray(offset, offset + pieceBytes)).toString('base64');
    const first = offset === 0 && signature !== undefined ? { signature } : {};
    answer = await edge.command('model-upload', { ...about, offset, data, ...first });
  }
  return answer;
}

function codeOf({ status, error }: Response): string {
  return status === 'ok' ? 'ok' : error!.code;
}

export async function runBadSwaps({ folder, rate, tell }: BadSwapTerms, cleanup: Cleanup) {
  const { store, files } = await twoVersions(folder);
  const key = join(folder, 'team.pub');
  writeFileSync(key, createKeys().publicKey);
  // Before anything runs: it takes the time of this process, which plays the sensor.
  const [offers, silent] = [await badModels(folder), readFileSync(await silentModel(folder))];
  const models = { store, keys: [key], probationS: 5, holdS: 5, maxWindowMs: slowLimitMs };
  const edge = await SteadyEdge.start({ folder, model: files[0], rate, models }, cleanup);
  await edge.windows(rate);
  const from = edge.seen.length;
  await edge.windows(2 * rate);
  const until = edge.seen.length;
  const figures = { offers: 0, refused: 0, wrong_code: 0 };
  const note = (name: string, code: string, expected: string): void => {
    figures.offers++;
    figures[code === expected ? 'refused' : 'wrong_code']++;
    tell?.(name, code === expected ? code : `${code}, not ${expected}`);
  };
  const activate = (model: string): Promise<Response> => edge.command('model-activate', { pipeline, model });

  for (const bad of offers) {
    let answer = await offer(edge, bad);
    if (bad.stages && answer.status === 'ok') answer = await activate(String(answer.data!['model']));
    note(bad.name, codeOf(answer), bad.code);
  }
  note('an id that leads elsewhere', codeOf(await activate('../../etc@1')), 'bad_name');
  note('a version that is not there', codeOf(await activate('demo@99')), 'not_found');
  const [one, two] = await Promise.all([
    activate('demo@2'),
    edge.command('model-shadow', { pipeline, model: 'demo@1' }),
  ]);
  note('a change while another goes on', codeOf(two), 'busy');
  if (one.status !== 'ok') throw new Error(`the good one was refused: ${one.error!.message}`);
  note('a change on probation', codeOf(await activate('demo@1')), 'busy');
  await edge.command('model-rollback', { pipeline });
  await offer(edge, { name: '', code: '', stages: true, file: silent, sha256: digest(silent) });
  await activate('demo@silent');
  await edge.windows(3 * rate); // those that have begun are the old model's, for a second
  note('silent at work, tried again', codeOf(await activate('demo@silent')), 'known_bad');
  await edge.windows(rate);
  const takenBack =
    edge.seen.at(-1)!.version === '1' && edge.seen.some(({ version }) => version === 'silent');

  const latencies = (a: number, b?: number): number[] =>
    edge.seen.slice(a, b).map(({ latencyMs }) => latencyMs);
  return {
    ...figures,
    taken_back: takenBack ? 1 : 0,
    ...{ windows: edge.seen.length, ...edge.account(), gaps: edge.gaps },
    normal_p99_ms: rounded(percentile(latencies(from, until), 99), 2),
    p99_ms: rounded(percentile(latencies(until), 99), 2),
  };
}

export function promises(figures: Awaited<ReturnType<typeof runBadSwaps>>): Record<string, boolean> {
  const { wrong_code, taken_back, lost, duplicated, disordered, gaps } = figures;
  return {
    'each is refused with its own code': wrong_code === 0,
    'what does badly at work is taken back': taken_back === 1,
    'no window is lost, comes twice or out of order': lost + duplicated + disordered + gaps === 0,
  };
}

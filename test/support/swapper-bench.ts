import {
  ModelStore,
  Refusal,
  Slot,
  type SwapEvent,
  Swapper,
  type SwapRules,
  type VersionRef,
} from '../../runtime/swap/index.js';
import { FakeClock } from './clock.js';
import { settled } from './scripted-worker.js';
import { storeFolder, storeModel } from './store-models.js';
import { FakeTarget } from './swap-target.js';

/** Versions that a pipeline has at the start. */
interface Roles {
  readonly active?: string;
  readonly previous?: string;
}

const folder = storeFolder();
const files = await Promise.all(['1', '2', '3'].map((version) => storeModel(folder, version)));
const other = await storeModel(folder, '9', (content) => ({
  ...content,
  spec: { ...content.spec, labels: ['a', 'b', 'c'] },
}));

/** A swapper over a store with three versions of a model, `small@1` to `small@3`, and one with other labels, `small@9`. */
export async function swapperBench(rules: Partial<SwapRules> = {}, roles: Roles = {}) {
  const store = new ModelStore(storeFolder());
  await store.open();
  const digests = new Map<string, string>();
  for (const file of [...files, other]) {
    const { id, version, sha256 } = (await store.add(file)).manifest;
    digests.set(`${id}@${version}`, sha256);
  }
  const clock = new FakeClock();
  const target = new FakeTarget(digests);
  const events: SwapEvent[] = [];
  const swapper = new Swapper({
    store,
    rules: () => ({ loadLimitS: 10, maxWindowMs: 50, holdS: 60, probationS: 10, ...rules }),
    clock,
    onEvent: (event) => events.push(event),
    onRoles: () => {},
  });
  const ref = (name: string): VersionRef => {
    const [id = '', version = ''] = name.split('@');
    return { id, version, sha256: digests.get(name)! };
  };
  const { active, previous } = roles;
  const slot = new Slot({
    ...{ pipeline: 'grip', target, nowUs: 0 },
    source: (path) => ({ path, engine: { name: 'event' } }),
    active: active === undefined ? undefined : ref(active),
    previous: previous === undefined ? undefined : ref(previous),
  });
  swapper.add(slot);
  const names = () => ({
    active: slot.activeName,
    previous: slot.previous === undefined ? 'none' : `${slot.previous.ref.id}@${slot.previous.ref.version}`,
  });
  const written = async (): Promise<string> => {
    const { active, previous } = (await store.selections()).pipelines['grip'] ?? {};
    return `${active?.version ?? '-'} ${previous?.version ?? '-'}`;
  };
  /** Lets the time of the probation pass, and everything that follows from it. */
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    while (slot.trial?.verdict === 'passed') await settled(); // files are being written
    await rest();
  };
  const kinds = (): string[] => events.map(({ kind }) => kind);
  return { ref, store, clock, target, swapper, slot, events, kinds, names, written, pass };
}

/** Waits for something that hangs on files being read and written. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await settled();
}

export async function rest(): Promise<void> {
  for (let i = 0; i < 20; i++) await settled();
}

export function refusedWith(code: string, reason = /./): (error: unknown) => boolean {
  return (error) => error instanceof Refusal && error.code === code && reason.test(error.message);
}

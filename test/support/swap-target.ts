import assert from 'node:assert/strict';
import type { LoadedModel, Preparation, Prepared, Switch } from '../../runtime/inference/index.js';
import type { SwapTarget } from '../../runtime/swap/index.js';
import { loadedModel } from './results.js';

/** In place of a pipeline: loads whatever it is told to, and answers nothing. */
export class FakeTarget implements SwapTarget {
  model: LoadedModel | undefined;
  loads = 0;
  loaded = new Set<number>();
  /** Loaded ones whose worker could not bring them back. */
  failed = new Set<number>();
  shadow: Prepared | undefined;
  /** What the next loads are like. */
  change: Partial<LoadedModel> = {};
  refusal: Preparation | undefined;
  /** Whether the windows in progress stay open, as when a sensor is gone. */
  isOpen = false;
  close: () => void = () => {};
  #serving: Prepared | undefined;
  #windows = 10;

  /** @param digests of the versions that there are, by name */
  constructor(private readonly digests: ReadonlyMap<string, string>) {}

  async prepare({ path }: { path: string }): Promise<Preparation> {
    if (this.refusal !== undefined) return this.refusal;
    const [, id, version, sha8] = /([^/]+)\/([^/]+)-([0-9a-f]{8})\/model/.exec(path)!;
    const sha256 = this.digests.get(`${id}@${version}`)!;
    assert.ok(sha256.startsWith(sha8!));
    const handle = ++this.loads;
    this.loaded.add(handle);
    const model = { ...loadedModel, id: id!, version: version!, sha256, longestUs: 900, ...this.change };
    return { ok: true, prepared: { handle, model, plan: { on: false, reason: 'no' } } };
  }

  serve(prepared: Prepared): Switch {
    const previous = this.#serving;
    this.#serving = prepared;
    this.model = prepared.model;
    const drained = new Promise<void>((resolve) => {
      if (previous === undefined || !this.isOpen) resolve();
      this.close = resolve;
    });
    return { first: this.#windows++, previous, drained };
  }

  isReady({ handle }: Prepared): boolean {
    return this.loaded.has(handle) && !this.failed.has(handle);
  }

  /** Serves something from the start. */
  begin(): void {
    const handle = ++this.loads;
    this.loaded.add(handle);
    this.serve({ handle, model: loadedModel, plan: { on: false, reason: 'no' } });
  }

  /** The model that serves is there no more. */
  fail(): void {
    if (this.#serving !== undefined) this.loaded.delete(this.#serving.handle);
    this.#serving = undefined;
    this.model = undefined;
  }

  async unload({ handle }: Prepared): Promise<void> {
    assert.notEqual(handle, this.#serving?.handle);
    assert.ok(this.loaded.delete(handle));
  }

  async try(prepared: Prepared | undefined): Promise<void> {
    if (this.shadow !== undefined) this.loaded.delete(this.shadow.handle);
    this.shadow = prepared;
  }
}

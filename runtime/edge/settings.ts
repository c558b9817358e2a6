import type { Config, PipelineConfig } from '../config/index.js';

/** Takes a configuration into use that has another value for some live key; must not wait. */
export type ApplySettings = (config: Config, before: Config) => void;

/**
 * The configuration as it stands. Whoever looks at a key that can change while the edge runs looks here each time and
 * keeps no copy, or subscribes where something has to be told.
 */
export class Settings {
  #config: Config;
  readonly #subscribers: ApplySettings[] = [];

  constructor(config: Config) {
    this.#config = config;
  }

  get config(): Config {
    return this.#config;
  }

  /** From now on `apply` is told of each other configuration, when it is in place. */
  subscribe(apply: ApplySettings): void {
    this.#subscribers.push(apply);
  }

  /**
   * Takes another configuration, whole; it is for the caller to see that only live keys differ. When one of the
   * subscribers throws, all go back to the configuration before, and so does this: then it throws the same.
   */
  replace(config: Config): void {
    const before = this.#config;
    this.#config = config;
    const told: ApplySettings[] = [];
    try {
      for (const apply of this.#subscribers) {
        told.unshift(apply);
        apply(config, before);
      }
    } catch (error) {
      this.#config = before;
      for (const apply of told) goBack(() => apply(before, config));
      throw error;
    }
  }

  /** Throws RangeError for a pipeline that is not configured. */
  pipeline(name: string): PipelineConfig {
    const config = this.#config.pipelines[name];
    if (config === undefined) throw new RangeError(`no pipeline '${name}' is configured`);
    return config;
  }
}

/** One that cannot go back keeps no other from it. */
function goBack(back: () => void): void {
  try {
    back();
  } catch {
    // The error that made it necessary is the one to tell.
  }
}

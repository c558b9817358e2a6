import type { Config, PipelineConfig } from '../config/index.js';

/**
 * The configuration as it stands. Whoever looks at a key that can change while the edge runs looks here each time, and
 * keeps no copy.
 */
export class Settings {
  #config: Config;

  constructor(config: Config) {
    this.#config = config;
  }

  get config(): Config {
    return this.#config;
  }

  /** Takes another configuration, whole; it is for the caller to see that only live keys differ. */
  replace(config: Config): void {
    this.#config = config;
  }

  /** Throws RangeError for a pipeline that is not configured. */
  pipeline(name: string): PipelineConfig {
    const config = this.#config.pipelines[name];
    if (config === undefined) throw new RangeError(`no pipeline '${name}' is configured`);
    return config;
  }
}

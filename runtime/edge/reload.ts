/** Changes of the configuration while the edge runs: all live keys at once, or nothing. */
import {
  type Config,
  type ConfigChange,
  type ConfigIssue,
  checkText,
  configHash,
  diffConfig,
  formatIssue,
  type LoadOptions,
  liveKeys,
  loadConfig,
  nearest,
  type Override,
  rangeText,
  setInYaml,
  takes,
  writeConfigFile,
} from '../config/index.js';
import { disk, type FileSystem } from '../durable/index.js';
import { Turn } from '../in-turn.js';
import type { Logger } from '../log/index.js';
import { CommandError } from '../publish/index.js';
import type { Settings } from './settings.js';

/** Where a configuration came from. */
export interface ConfigSource extends LoadOptions {
  /** The file as it was read; empty without one. */
  readonly text: string;
}

export interface ReloadOptions {
  /** The same file, environment and overrides count again. */
  readonly source: ConfigSource;
  readonly settings: Settings;
  readonly log: Logger;
  /** Another configuration is in force. */
  readonly onChanged?: (before: Config) => void;
  /** The disk that the file is on. */
  readonly files?: FileSystem;
}

/** What a change of the configuration came to. */
export interface ReloadReport {
  readonly changed: readonly Omit<ConfigChange, 'apply'>[];
  readonly config_hash: string;
  readonly warnings?: readonly string[];
  /** How long what was set holds. */
  readonly holds?: string;
}

/** Most errors that are told in an answer; the log has all. */
const MOST_TOLD = 20;

/**
 * Changes come from the file (`reload`) or from a request (`set`), one after the other. Each is checked with every rule
 * that counts at a start, and refused when a key differs that needs a restart. Both reject with an error that has a code
 * and a remedy; then nothing has changed.
 */
export class Reload {
  /** The file that the configuration in force was made of. */
  #text: string;
  /** What was set and not saved. */
  #unsaved: readonly Override[] = [];
  readonly #turn = new Turn();

  constructor(private readonly options: ReloadOptions) {
    this.#text = options.source.text;
  }

  /** Keys that were set and not saved. */
  get unsaved(): string[] {
    return this.#unsaved.map(({ path }) => path.join('.'));
  }

  /** Reads the file again. What was set and not saved is forgotten. */
  reload(): Promise<ReloadReport> {
    return this.#inTurn(async () => {
      const { source } = this.options;
      if (source.file === undefined)
        throw new CommandError(
          'no-file',
          'the configuration has no file that could be read again',
          'start whorl with --config, or set single keys with the command options',
        );
      const result = loadConfig(source);
      if ('errors' in result) throw this.#invalid(result.errors);
      const { settings } = this.options;
      const before = settings.config;
      const changes = this.#liveChanges(result.config);
      settings.replace(result.config);
      this.#text = result.text;
      this.#unsaved = [];
      return this.#changed(before, changes, { warnings: result.warnings.map((one) => this.#words(one)) });
    });
  }

  /**
   * Sets live keys, named as in `--set`. Without `save` they hold until the next reload or restart; with it they are
   * written into the file, which must be as it was when it was last read.
   */
  set(values: Readonly<Record<string, unknown>>, save = false): Promise<ReloadReport> {
    return this.#inTurn(async () => {
      const overrides = this.#overrides(values);
      return save ? this.#save(overrides) : this.#setOnly(overrides);
    });
  }

  #setOnly(overrides: readonly Override[]): ReloadReport {
    const { settings } = this.options;
    const unsaved = [...without(this.#unsaved, overrides), ...overrides];
    const config = this.#checked(this.#text, unsaved);
    const before = settings.config;
    const changes = this.#liveChanges(config);
    settings.replace(config);
    this.#unsaved = unsaved;
    return this.#changed(before, changes, { holds: 'until the next reload or restart' });
  }

  async #save(overrides: readonly Override[]): Promise<ReloadReport> {
    const { source, settings, files = disk } = this.options;
    const { file } = source;
    if (file === undefined)
      throw new CommandError('no-file', 'the configuration has no file to save to', 'leave out save');
    const unsaved = without(this.#unsaved, overrides);
    const wanted = this.#checked(this.#text, [...unsaved, ...overrides]);
    const after = this.#edited(overrides);
    const config = this.#checked(after, unsaved);
    refuseOverridden(wanted, config);
    const changes = this.#liveChanges(config);
    const before = settings.config;
    settings.replace(config);
    try {
      await writeConfigFile(files, { file, before: this.#text, after });
    } catch (error) {
      settings.replace(before);
      throw error;
    }
    this.#text = after;
    this.#unsaved = unsaved;
    return this.#changed(before, changes, { holds: `for good: it is in ${file}` });
  }

  /** Only keys that are live can be named. */
  #overrides(values: Readonly<Record<string, unknown>>): Override[] {
    const keys = liveKeys(this.options.settings.config);
    return Object.entries(values).map(([name, value]) => {
      const key = keys.find((one) => one.name === name);
      if (key !== undefined) return { path: key.path, value, source: 'the command options' };
      const meant = nearest(
        name,
        keys.map((one) => one.name),
      );
      throw new CommandError(
        'unknown-option',
        `${name.slice(0, 200)} is no key that can be set while whorl runs`,
        meant === undefined
          ? 'options with an empty payload lists them; for other keys change the file and start whorl anew'
          : `did you mean ${meant}?`,
      );
    });
  }

  #edited(overrides: readonly Override[]): string {
    try {
      return overrides.reduce((text, { path, value }) => setInYaml(text, path, value), this.#text);
    } catch (error) {
      throw new CommandError(
        'cannot-save',
        (error as Error).message,
        'change the file by hand and send reload',
      );
    }
  }

  #checked(text: string, unsaved: readonly Override[]): Config {
    const { source } = this.options;
    const result = checkText(text, { ...source, overrides: [...(source.overrides ?? []), ...unsaved] });
    if ('errors' in result) throw this.#refused(result.errors, unsaved);
    return result.config;
  }

  #liveChanges(config: Config): ConfigChange[] {
    const changes = diffConfig(this.options.settings.config, config);
    const restart = changes.filter(({ apply }) => apply === 'restart').map(({ path }) => path);
    if (restart.length === 0) return changes;
    throw new CommandError(
      'restart-required',
      `nothing was changed, because these take effect at a start only: ${some(restart, ', ')}`,
      'start whorl anew, or take these changes back',
    );
  }

  #invalid(errors: readonly ConfigIssue[]): CommandError {
    const told = errors.map((one) => this.#words(one));
    return new CommandError(
      'invalid-config',
      `nothing was changed, because the configuration has errors: ${some(told, '; ')}`,
      'whorl check-config tells them all',
    );
  }

  /** The file is right, so what is wrong are the values that were asked for: the remedy says what their keys take. */
  #refused(errors: readonly ConfigIssue[], asked: readonly Override[]): CommandError {
    const told = errors.map(({ path, message }) => `${path}: ${message}`);
    const values = new Map(asked.map(({ path, value }) => [path.join('.'), value]));
    const wrong = liveKeys(this.options.settings.config).filter(
      (key) => values.has(key.name) && !takes(key, values.get(key.name)),
    );
    return new CommandError(
      'invalid-config',
      `${some(told, '; ')}; nothing was changed`,
      wrong.length === 0
        ? 'options with an empty payload lists the keys and what each takes'
        : `send it again with ${some(
            wrong.map((key) => `${key.name} ${rangeText(key)}`),
            ', ',
          )}`,
    );
  }

  #words(issue: ConfigIssue): string {
    return formatIssue(issue, this.options.source.file);
  }

  #changed(before: Config, changes: readonly ConfigChange[], more: Partial<ReloadReport>): ReloadReport {
    const { log, onChanged, settings } = this.options;
    const changed = changes.map(({ path, from, to }) => ({ path, from, to }));
    log.info({ changed }, 'configuration taken over');
    if (changed.length > 0) onChanged?.(before);
    return { changed, config_hash: configHash(settings.config), ...more };
  }

  #inTurn(work: () => Promise<ReloadReport>): Promise<ReloadReport> {
    const { log } = this.options;
    return this.#turn.take(work).catch((error: Error & { code?: unknown; remedy?: unknown }) => {
      const { code, remedy, message } = error;
      log.error({ code, remedy }, `the configuration stays as it was: ${message}`);
      throw error;
    });
  }
}

/** A key that the environment or the command line sets would be lost at the next start: there they win over the file. */
function refuseOverridden(wanted: Config, saved: Config): void {
  const [lost] = diffConfig(wanted, saved);
  if (lost !== undefined)
    throw new CommandError(
      'overridden',
      `${lost.path} is set by the environment or the command line, which win over the file`,
      'take it out there, or leave out save',
    );
}

/** Overrides but for those of keys that others are about. */
function without(overrides: readonly Override[], others: readonly Override[]): Override[] {
  const names = new Set(others.map(({ path }) => path.join('.')));
  return overrides.filter(({ path }) => !names.has(path.join('.')));
}

function some(texts: readonly string[], joint: string): string {
  const more = texts.length - MOST_TOLD;
  return texts.slice(0, MOST_TOLD).join(joint) + (more > 0 ? `${joint}and ${more} more` : '');
}

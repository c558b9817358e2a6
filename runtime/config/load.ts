import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type CheckResult, check } from './check.js';
import type { ConfigIssue } from './issue.js';
import type { Override } from './overrides.js';
import { resolvePaths } from './paths.js';
import type { Config } from './schema.js';
import { readSecrets, type Secrets } from './secrets.js';

export interface LoadOptions {
  /** Path of the YAML file; without it defaults, environment and overrides make the configuration. */
  readonly file?: string;
  /** Environment variables; `process.env` in the program. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values that win over file and environment: those of the command line. */
  readonly overrides?: readonly Override[];
}

export type LoadResult =
  | {
      readonly config: Config;
      readonly secrets: Secrets;
      readonly warnings: readonly ConfigIssue[];
      /** The file as it was read; empty without one. */
      readonly text: string;
    }
  | { readonly errors: readonly ConfigIssue[]; readonly warnings: readonly ConfigIssue[] };

/**
 * Reads the configuration: file < environment < overrides. Returns it whole and checked, or every error found; never
 * throws for what a user can get wrong. Paths in the result are absolute, and secrets stand apart from the rest, so
 * that the configuration itself can be logged, hashed and published.
 */
export function loadConfig(options: LoadOptions = {}): LoadResult {
  const { file, env = {} } = options;
  let text = '';
  try {
    if (file !== undefined) text = readFileSync(file, 'utf8');
  } catch (error) {
    return { errors: [{ path: '', message: `cannot be read: ${(error as Error).message}` }], warnings: [] };
  }
  const checked = checkText(text, options);
  if ('errors' in checked) return checked;
  const { config } = checked;
  const { secrets, errors, warnings } = readSecrets(config, env);
  if (errors.length > 0) return { errors, warnings: [...checked.warnings, ...warnings] };
  return { config, secrets, warnings: [...checked.warnings, ...warnings], text };
}

/** The same for a text that would stand in the file; reads no file. */
export function checkText(text: string, { file, env = {}, overrides = [] }: LoadOptions): CheckResult {
  const checked = check({ text, env, overrides });
  if ('errors' in checked) return checked;
  const config = resolvePaths(checked.config, file === undefined ? '.' : dirname(resolve(file)));
  return { ...checked, config };
}

import { readFileSync, statSync } from 'node:fs';
import { Secret } from '../secret.js';
import type { ConfigIssue } from './issue.js';
import type { Config } from './schema.js';

/** What the program needs and nobody else may see, apart from the configuration. */
export interface Secrets {
  readonly mqttPassword?: Secret;
  /** Public keys that models may be signed with, and the CA of the hosts that they come from: PEM texts. */
  readonly modelKeys?: readonly string[];
  readonly httpsCa?: string;
  /** PEM texts for TLS. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
}

const MAX_BYTES = 65_536;

/**
 * Reads the files that the configuration names. The password of `WHORL_MQTT_PASSWORD` wins over the file. A file that
 * others than its owner may read is a warning, one that cannot be read an error; neither repeats what is in it.
 */
export function readSecrets(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): { secrets: Secrets; errors: ConfigIssue[]; warnings: ConfigIssue[] } {
  const errors: ConfigIssue[] = [];
  const warnings: ConfigIssue[] = [];
  const { mqtt } = config;
  const read = (
    key: 'passwordFile' | 'caFile' | 'certFile' | 'keyFile',
    secret: boolean,
  ): string | undefined => {
    const file = mqtt[key];
    return file === undefined ? undefined : readText(file, `mqtt.${key}`, secret);
  };
  const readText = (file: string, path: string, secret = false): string | undefined => {
    try {
      const { size, mode } = statSync(file);
      if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes, more than ${MAX_BYTES}`);
      if (secret && process.platform !== 'win32' && (mode & 0o077) !== 0)
        warnings.push({ path, message: `${file} can be read by others; do: chmod 600 ${file}` });
      return readFileSync(file, 'utf8');
    } catch (error) {
      errors.push({ path, message: `cannot be read: ${(error as Error).message}` });
      return undefined;
    }
  };
  const modelKeys = config.models.keys.flatMap((file, i) => readText(file, `models.keys[${i}]`) ?? []);
  const { httpsCaFile } = config.models;
  const httpsCa = httpsCaFile === undefined ? undefined : readText(httpsCaFile, 'models.httpsCaFile');
  const password = env['WHORL_MQTT_PASSWORD'] || read('passwordFile', true)?.replace(/\r?\n$/, '');
  if (password && mqtt.username === undefined)
    errors.push({
      path: 'mqtt.username',
      message: 'is missing; a password needs a user name',
      source: 'WHORL_MQTT_PASSWORD',
    });
  const ca = read('caFile', false);
  const cert = read('certFile', false);
  const key = read('keyFile', true);
  return {
    secrets: {
      ...(password ? { mqttPassword: new Secret(password) } : {}),
      ...(modelKeys.length === 0 ? {} : { modelKeys }),
      ...(httpsCa === undefined ? {} : { httpsCa }),
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key: new Secret(key) }),
    },
    errors,
    warnings,
  };
}

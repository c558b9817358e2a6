/** Whether the folders that the configuration names can be used, or made where they are not there. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/index.js';
import { type Access, systemAccess } from './access.js';
import { type Finding, findingsOf } from './finding.js';

const { ok, fail } = findingsOf('folders');

/** A folder in the configuration. */
export interface Place {
  readonly key: string;
  readonly folder: string;
  /** What the edge makes where it is not there: nothing, the folder, or those around it, too. */
  readonly makes: 'nothing' | 'folder' | 'all';
}

export interface PlaceFault {
  readonly reason: string;
  readonly remedy: string;
}

/** The folders that are configured. */
export function placesOf({ models, record }: Pick<Config, 'models' | 'record'>): Place[] {
  const places = [
    { key: 'models.store', folder: models.store, makes: 'folder' as const },
    { key: 'models.incoming', folder: models.incoming, makes: 'nothing' as const },
    { key: 'record.folder', folder: record.folder, makes: 'all' as const },
  ];
  return places.flatMap(({ folder, ...place }) => (folder === undefined ? [] : [{ ...place, folder }]));
}

/** All but the store, which has a check of its own. */
export async function checkFolders(
  config: Pick<Config, 'models' | 'record'>,
  access: Access = systemAccess,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const place of placesOf(config)) {
    const { key, folder } = place;
    if (key === 'models.store') continue;
    const fault = await placeFault(place, access);
    if (fault === undefined) findings.push(ok(`${key}: ${folder} can be used`));
    else findings.push(fail(`${key}: ${fault.reason}`, fault.remedy));
  }
  return findings;
}

/** Why a folder cannot be used, and what to do; undefined: it can, or can be made. */
export async function placeFault(
  { key, folder, makes }: Place,
  access: Access = systemAccess,
): Promise<PlaceFault | undefined> {
  const about = await stat(folder).catch(() => undefined);
  if (about === undefined)
    return makes === 'nothing' ? absent(key, folder) : unmakable(key, folder, makes, access);
  if (!about.isDirectory()) return { reason: `${folder} is no folder`, remedy: `correct ${key}` };
  const readOnly = makes === 'nothing';
  const code = await access.refused(folder, readOnly);
  if (code === undefined) return undefined;
  return {
    reason: `${folder} may not be read${readOnly ? '' : ' and written'} (${code})`,
    remedy: `let the user that runs whorl ${readOnly ? 'read' : 'own'} it, or correct ${key}`,
  };
}

function absent(key: string, folder: string): PlaceFault {
  return { reason: `${folder} is not there`, remedy: `make it, or correct ${key}` };
}

async function unmakable(
  key: string,
  folder: string,
  makes: 'folder' | 'all',
  access: Access,
): Promise<PlaceFault | undefined> {
  const around = makes === 'folder' ? dirname(folder) : await nearestFolder(folder);
  const code = await access.makingRefused(around);
  if (code === undefined) return undefined;
  return {
    reason: `${folder} cannot be made in ${around} (${code})`,
    remedy: `make it for the user that runs whorl, or correct ${key}`,
  };
}

/** The nearest folder around a path that is there. */
async function nearestFolder(path: string): Promise<string> {
  const around = dirname(path);
  if (around === path || (await stat(around).catch(() => undefined)) !== undefined) return around;
  return nearestFolder(around);
}

import type { Finding } from './explain.js';
import { isTree, type Tree, valueAt } from './node.js';

/** What a pipeline says whose model is the one that is active in the store. */
export const storeModel = 'store';

const needStore = ['incoming', 'httpsHosts', 'requireSignature'] as const;

/** Models that come from a store: there must be one, and what signatures are checked with. */
export function checkModels(tree: Tree): Finding[] {
  const models = tree['models'];
  const value = (key: string): unknown => valueAt(models, [key]);
  const isSet = (key: string): boolean => {
    const found = value(key);
    return found !== undefined && found !== false && !(Array.isArray(found) && found.length === 0);
  };
  const findings: Finding[] = [];
  if (!isSet('store'))
    for (const key of needStore)
      if (isSet(key))
        findings.push({ path: ['models', key], message: 'needs a store: set models.store to a folder' });
  if (isSet('requireSignature') && !isSet('keys'))
    findings.push({
      path: ['models', 'keys'],
      message: "is missing: name the public keys that may sign; 'whorl models keygen' makes a pair",
    });
  const pipelines = isTree(tree['pipelines']) ? tree['pipelines'] : {};
  for (const [name, pipeline] of Object.entries(pipelines))
    if (valueAt(pipeline, ['model']) === storeModel && !isSet('store'))
      findings.push({
        path: ['pipelines', name, 'model'],
        message: 'is store, but there is none: set models.store to a folder',
      });
  return findings;
}

/** The model store. */
export { checkModel } from './check.js';
export { versionName } from './manifest.js';
export { Refusal, refusals } from './refusal.js';
export {
  createKeys,
  readPrivateKey,
  readPublicKey,
  signatureFile,
  signModel,
} from './signature.js';
export { maxModelBytes, nameOfFile, signaturePath } from './source.js';
export { defaultPipeline, ModelStore, type StoreOptions } from './store.js';
export type { StoredVersion } from './versions.js';

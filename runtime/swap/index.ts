/** The model store. */

export type { ActivateOptions, Activation } from './activation.js';
export { defaultPipeline } from './active.js';
export { checkModel } from './check.js';
export { type VersionRef, versionName } from './manifest.js';
export { Refusal, refusals } from './refusal.js';
export {
  createKeys,
  readPrivateKey,
  readPublicKey,
  signatureFile,
  signModel,
} from './signature.js';
export { type Holder, Slot, type SlotState, type SwapTarget } from './slot.js';
export { maxModelBytes, nameOfFile, signaturePath } from './source.js';
export { ModelStore, type Serving, type StoreOptions } from './store.js';
export { storeFault } from './store-fault.js';
export type { StorePort } from './store-port.js';
export { StoreThread } from './store-thread.js';
export type { SwapEvent, SwapRules } from './swap-rules.js';
export { Swapper } from './swapper.js';
export type { StoredVersion } from './versions.js';

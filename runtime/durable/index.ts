/** State that survives a power cut. */
export * from './atomic.js';
export { disk } from './disk.js';
export * from './file-system.js';
export { dropLock, type Processes, systemProcesses, takeLock } from './lock.js';

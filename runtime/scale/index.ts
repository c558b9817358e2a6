export { RemoteService, type RemoteServiceOptions } from './remote-service.js';
export { WindowWorker, type WindowWorkerOptions, type WorkerCounters } from './window-worker.js';

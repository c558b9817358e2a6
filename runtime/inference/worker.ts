/** The inference worker's thread: messages in, messages out; everything else is in `core.ts`. */
import { parentPort } from 'node:worker_threads';
import { systemClock } from '../clock.js';
import { InferenceCore } from './core.js';
import type { Request } from './protocol.js';
import { serve } from './serve.js';

if (parentPort === null) throw new Error('this file runs as a worker thread; start it with threadWorker()');
const port = parentPort;
const core = new InferenceCore(systemClock);

port.on('message', (request: Request) => {
  void serve(core, request).then((reply) => port.postMessage(reply));
});

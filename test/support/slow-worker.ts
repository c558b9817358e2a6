/** The inference worker, except that its models are slow (`overload-terms.ts`). */
import { parentPort } from 'node:worker_threads';
import { systemClock } from '../../runtime/clock.js';
import { InferenceCore } from '../../runtime/inference/core.js';
import type { Request } from '../../runtime/inference/protocol.js';
import { serve } from '../../runtime/inference/serve.js';
import { slowness } from './overload-terms.js';

const core = new InferenceCore(systemClock);

parentPort?.on('message', (request: Request) => {
  void serve(core, request).then((reply) =>
    setTimeout(() => parentPort?.postMessage(reply), slowness(request)),
  );
});

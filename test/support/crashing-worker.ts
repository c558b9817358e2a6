/** The inference worker, except that a window whose only cell is 23 brings it down. */
import { parentPort } from 'node:worker_threads';
import type { Request } from '../../runtime/inference/protocol.js';
import '../../runtime/inference/worker.js';

parentPort?.on('message', (request: Request) => {
  if (request.kind === 'infer' && String(request.cells) === '23') process.exit(7);
});

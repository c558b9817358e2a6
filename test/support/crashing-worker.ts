/**
 * The inference worker, except that a window whose only cell is 23 brings it down, and so does cell 13 in a step that is
 * not the first of its window.
 */
import { parentPort } from 'node:worker_threads';
import type { Request } from '../../runtime/inference/protocol.js';
import '../../runtime/inference/worker.js';

parentPort?.on('message', (request: Request) => {
  if (request.kind === 'infer' && String(request.cells) === '23') process.exit(7);
  if (request.kind === 'step' && request.from > 0 && request.cells.includes(13)) process.exit(8);
});

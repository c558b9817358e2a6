/**
 * The inference worker, except that a window whose only cell is one of `crashCells` brings it down, and so does cell 13 in
 * a step that is not the first of its window.
 */
import { parentPort } from 'node:worker_threads';
import type { Request } from '../../runtime/inference/protocol.js';
import '../../runtime/inference/worker.js';
import { crashCells } from './crash-cells.js';

parentPort?.on('message', (request: Request) => {
  if (request.kind === 'step' && request.from > 0 && request.cells.includes(13)) process.exit(8);
  if (request.kind !== 'infer' || request.cells.length !== 1) return;
  switch (request.cells[0]) {
    case crashCells.exit:
      process.exit(7);
      break;
    case crashCells.error:
      throw new Error('a bug in an engine');
    case crashCells.hang:
      for (;;);
  }
});

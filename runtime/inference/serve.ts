import type { InferenceCore } from './core.js';
import type { Answers, Reply, Request, RequestKind } from './protocol.js';

/** Answers one request; whatever goes wrong becomes a reply with its reason. */
export async function serve(core: InferenceCore, request: Request): Promise<Reply> {
  try {
    return { ticket: request.ticket, ok: true, value: await answer(core, request) };
  } catch (error) {
    return {
      ticket: request.ticket,
      ok: false,
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}

async function answer(core: InferenceCore, request: Request): Promise<Answers[RequestKind]> {
  switch (request.kind) {
    case 'load':
      return core.load(request.handle, request.source);
    case 'unload':
      return core.unload(request.handle) as undefined;
    case 'infer':
      return core.infer(request.handle, request.cells);
    case 'step':
      return core.step(request);
  }
}

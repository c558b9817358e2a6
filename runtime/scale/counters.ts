/** What became of the windows that a gateway sent. Only grows. */
export interface RemoteCounters {
  /** Windows that were answered. */
  answered: number;
  /** Windows that a worker could not classify. */
  failed: number;
  /** Windows without an answer after the last attempt. */
  lost: number;
  /** Times that a window was sent again. */
  resent: number;
  /** Answers to windows that had theirs. */
  duplicates: number;
  /** Answers to windows that were never sent, of another session too. */
  stray: number;
  /** Answers that cannot be what the network said. */
  invalid: number;
  /** Times that a worker went. */
  left: number;
}

export function createRemoteCounters(): RemoteCounters {
  return { answered: 0, failed: 0, lost: 0, resent: 0, duplicates: 0, stray: 0, invalid: 0, left: 0 };
}

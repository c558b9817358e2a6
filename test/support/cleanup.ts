/** Where what has been started is handed in to be ended: the context of a test, or that of `withCleanup`. */
export interface Cleanup {
  after(undo: () => unknown): void;
}

/** Runs what has no test's context; at the end, also of a failure, everything is undone in reverse order. */
export async function withCleanup<T>(run: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const undone: (() => unknown)[] = [];
  try {
    return await run({ after: (undo) => undone.push(undo) });
  } finally {
    for (const undo of undone.reverse()) await undo();
  }
}

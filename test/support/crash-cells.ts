/** The one cell of a window that brings the worker of crashing-worker.ts down, by the manner in which it does. */
export const crashCells = { exit: 23, error: 19, hang: 17 } as const;

/**
 * What a pipeline leaves out while there is more to do than its workers can; each level leaves out what those before it do.
 *   0  nothing
 *   1  the windows of a model on trial
 *   2  answers before the end of a window
 *   3  windows: only the newest waits for its answer
 */
export type ShedLevel = 0 | 1 | 2 | 3;

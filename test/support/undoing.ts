import type { After } from './loaded-daemon.js';

/** Runs a program that leaves things to undo, and undoes them when it is over, the last first. */
export async function undoing<T>(program: (after: After) => Promise<T>): Promise<T> {
  const undos: (() => unknown)[] = [];
  try {
    return await program((undo) => undos.push(undo));
  } finally {
    for (const undo of undos.reverse()) await undo();
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';
import type { LoadReport } from './load-daemon.js';
import { root } from './paths.js';

/** What a simulator says when all its events have left. */
export interface Made {
  readonly made: number;
  readonly dropped: number;
  readonly overruns: number;
  readonly latest_us: number;
}

/** Name of the i-th sensor, and of its pipeline. */
export function sensorName(i: number): string {
  return `s${i}`;
}

/** A daemon in a process of its own, whose pipelines have the names of their sensors (load-daemon.ts), watched. */
export class LoadedDaemon {
  /** Processor time over time, all threads, from the first event to the last. */
  cpuCores = 0;
  /** The most resident memory seen. */
  rssMb = 0;

  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when it is up. */
  static async start(configuration: object, cleanup: Cleanup): Promise<LoadedDaemon> {
    const folder = mkdtempSync(join(tmpdir(), 'whorl-load-'));
    cleanup.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'whorl.yaml');
    writeFileSync(file, JSON.stringify(configuration));
    const script = join(root, 'dist', 'test', 'support', 'load-daemon.js');
    const child = fork(script, [file], { execArgv: process.execArgv });
    cleanup.after(async () => {
      if (!child.connected) return;
      child.disconnect();
      await once(child, 'exit');
    });
    await once(child, 'message');
    return new LoadedDaemon(child);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  /** @param wanted `collect`: what stays when all threads have collected their garbage */
  async report(wanted: 'report' | 'collect' = 'report'): Promise<LoadReport> {
    const answer = once(this.child, 'message');
    this.child.send(wanted);
    const [report] = (await answer) as [LoadReport];
    this.rssMb = Math.max(this.rssMb, report.rssMb);
    return report;
  }

  /** Measures from the first event on until `done`. */
  async watchUntil<T>(done: Promise<T>): Promise<T> {
    let isDone = false;
    const ended = done.finally(() => {
      isDone = true;
    });
    let from: { atMs: number; cpuS: number } | undefined;
    while (!isDone) {
      const { sensors, cpuS } = await this.report();
      const atMs = performance.now();
      if (from !== undefined) this.cpuCores = (cpuS - from.cpuS) / ((atMs - from.atMs) / 1000);
      else if (Object.values(sensors).some(({ events }) => events > 0)) from = { atMs, cpuS };
      await Promise.race([ended, pause(200)]);
    }
    return ended;
  }

  /** What it has counted when nothing changes any more: every event in a window, every window answered. */
  async settled(made: readonly Made[]): Promise<LoadReport> {
    let before = '';
    for (let quiet = 0; ; ) {
      await pause(250);
      const report = await this.report();
      const open = made.some((_, i) => {
        const sensor = report.sensors[sensorName(i)]!;
        return sensor.waiting > 0 || sensor.classified < (sensor.window.placed ?? 0);
      });
      const now = JSON.stringify(
        Object.values(report.sensors).map(({ events, classified }) => [events, classified]),
      );
      quiet = now === before ? quiet + 1 : 0;
      before = now;
      // Windows that are open still end by a heartbeat; 3 s without a change means that nothing more will come.
      if ((quiet > 0 && !open) || quiet >= 12) return report;
    }
  }
}

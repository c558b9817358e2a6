import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two pseudo-terminals that are each other's far end, kept by socat: a serial cable. */
export class PtyCable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'whorl-pty-'));
  readonly here = join(this.folder, 'here');
  readonly there = join(this.folder, 'there');
  private socat: ChildProcess | undefined;

  /** Fulfilled when both ends can be opened. */
  async plug(): Promise<void> {
    const changes = watch(this.folder);
    this.spawn();
    while (!existsSync(this.here) || !existsSync(this.there)) await once(changes, 'change');
    changes.close();
  }

  /** In place of `plug`: the near end alone, from which zeros come as fast as another process can write them. */
  async plugTap(): Promise<void> {
    const changes = watch(this.folder);
    this.socat = spawn('socat', ['-u', '/dev/zero', `pty,raw,echo=0,link=${this.here}`]);
    while (!existsSync(this.here)) await once(changes, 'change');
    changes.close();
  }

  /**
   * Hangs both ends up, with another cable in their place before the old one goes: the paths lead somewhere at every
   * moment. (socat replaces links that are there.)
   */
  async replace(): Promise<void> {
    const old = this.socat;
    const [here, there] = [realpathSync(this.here), realpathSync(this.there)];
    const changes = watch(this.folder);
    this.spawn();
    while (isLink(this.here, here) || isLink(this.there, there)) await once(changes, 'change');
    changes.close();
    old?.kill('SIGKILL');
  }

  /** Hangs both ends up and removes their paths, as pulling a USB plug does. */
  async unplug(): Promise<void> {
    const { socat } = this;
    this.socat = undefined;
    if (socat === undefined) return;
    socat.kill('SIGKILL');
    await once(socat, 'exit');
    for (const path of [this.here, this.there]) rmSync(path, { force: true });
  }

  async remove(): Promise<void> {
    await this.unplug();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawn(): void {
    this.socat = spawn('socat', [`pty,raw,echo=0,link=${this.here}`, `pty,raw,echo=0,link=${this.there}`]);
  }
}

/** Whether a path leads to that file, or, for a moment, nowhere. */
function isLink(path: string, target: string): boolean {
  return !existsSync(path) || realpathSync(path) === target;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
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
    this.socat = spawn('socat', [`pty,raw,echo=0,link=${this.here}`, `pty,raw,echo=0,link=${this.there}`]);
    while (!existsSync(this.here) || !existsSync(this.there)) await once(changes, 'change');
    changes.close();
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
}

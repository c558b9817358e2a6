import type { RecordingOutput } from './recording.js';

/** Gathers lines into pieces worth a write. */
export class TextOutput {
  private lines: string[] = [];

  constructor(private readonly output: RecordingOutput) {}

  add(line: string): void {
    this.lines.push(line);
  }

  async flush(): Promise<void> {
    if (this.lines.length === 0) return;
    const text = `${this.lines.join('\n')}\n`;
    this.lines = [];
    await this.output.write(Buffer.from(text, 'latin1'));
  }
}

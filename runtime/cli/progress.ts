/** A progress line for long work: redrawn in place on a terminal, one plain line a step elsewhere. */
import { bar } from '../live-view/paint.js';

export interface Progress {
  /** @param done 0..1 of the whole work; @param text what stands behind the bar */
  update(done: number, text: string): void;
  /** Ends the line; `text` stays on the screen. */
  end(text?: string): void;
}

export interface ProgressOptions {
  readonly stream?: NodeJS.WriteStream;
  readonly nowMs?: () => number;
  /** Without a terminal: say something each time this share of the work is done. */
  readonly plainStep?: number;
}

const width = 24;

export function createProgress(title: string, options: ProgressOptions = {}): Progress {
  const { stream = process.stderr, nowMs = () => performance.now(), plainStep = 0.1 } = options;
  const started = nowMs();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let saidUpTo = 0;

  const remaining = (done: number): string =>
    done > 0 && done < 1 ? `, ${duration(((nowMs() - started) * (1 - done)) / done)} left` : '';
  return {
    update(done, text) {
      if (stream.isTTY) {
        if (nowMs() - drawnAt < 50 && done < 1) return;
        drawnAt = nowMs();
        // A line that wraps could not be drawn over.
        const line = `${title} ${bar(done, width)} ${percent(done)}  ${text}${remaining(done)}`;
        stream.write(`\r\x1b[K${[...line].slice(0, stream.columns - 1).join('')}`);
      } else if (done - saidUpTo >= plainStep - 1e-9) {
        saidUpTo = done;
        stream.write(`${title} ${percent(done)}  ${text}${remaining(done)}\n`);
      }
    },
    end(text) {
      if (stream.isTTY) stream.write('\r\x1b[K');
      if (text !== undefined) stream.write(`${text}\n`);
    },
  };
}

export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`.padStart(5);
}

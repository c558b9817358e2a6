import { isatty } from 'node:tty';
import { pino } from 'pino';
import { PrettyStream } from './pretty.js';
import { redacted } from './redact.js';
import { fileSink, type LineSink } from './sink.js';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
/** `auto`: pretty on a terminal, else json. */
export type LogFormat = 'auto' | 'json' | 'pretty';

type Write = (facts: object, message: string) => void;

/** What parts of the runtime log with: facts as an object, then a sentence. Levels that are off cost nothing. */
export interface Logger {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** A logger that adds `facts` to every line, e.g. `{ part: 'publish' }`. */
  child(facts: object): Logger;
}

export interface LoggingOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly to: 'stdout' | 'stderr' | LineSink;
}

export interface Logging {
  readonly logger: Logger;
  /** Changes the level of all loggers, children made before included. */
  setLevel(level: LogLevel): void;
  /** Writes out what is held back; call it last when stopping. */
  flush(): void;
}

/**
 * Logging of the process; takes the `log` section of the configuration as it is. Lines are written synchronously: a line that says why the process ended must not be lost with
 * it, and nothing logs on the way of an event, so nothing waits for it.
 */
export function createLogging({ level, format, to }: LoggingOptions): Logging {
  const fd = to === 'stdout' ? 1 : 2;
  const sink: LineSink = typeof to === 'string' ? fileSink(fd) : to;
  const pretty = format === 'pretty' || (format === 'auto' && typeof to === 'string' && isatty(fd));
  const destination = pretty ? new PrettyStream(sink) : sink;
  const children = new Set<WeakRef<pino.Logger>>();
  const base = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: redacted,
      onChild: (child) => children.add(new WeakRef(child)),
    },
    destination as pino.DestinationStream,
  );
  return {
    logger: base,
    setLevel(next) {
      base.level = next;
      for (const reference of children) {
        const child = reference.deref();
        if (child === undefined) children.delete(reference);
        else child.level = next;
      }
    },
    flush() {
      sink.flushSync?.();
    },
  };
}

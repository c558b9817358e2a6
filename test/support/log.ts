import type { Logger } from '../../runtime/log/index.js';

export interface LoggedLine {
  readonly level: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps its lines; children write into the same list. */
export function recordingLog(lines: LoggedLine[] = []): { log: Logger; lines: LoggedLine[] } {
  const at =
    (level: string) =>
    (facts: object, message: string): void => {
      lines.push({ level, facts: { ...facts }, message });
    };
  const log: Logger = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: () => log,
  };
  return { log, lines };
}

/** What one check has found. */
export interface Finding {
  /** What was looked at: config, ports, engines, models, store, folders, broker, clock. */
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'fail';
  /** One line: what is. */
  readonly text: string;
  /** What to do about it; absent when it is ok. */
  readonly remedy?: string;
}

export type Findings = readonly Finding[];

/** Findings of one check. */
export function findingsOf(check: string) {
  return {
    ok: (text: string): Finding => ({ check, level: 'ok', text }),
    warn: (text: string, remedy: string): Finding => ({ check, level: 'warn', text, remedy }),
    fail: (text: string, remedy: string): Finding => ({ check, level: 'fail', text, remedy }),
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

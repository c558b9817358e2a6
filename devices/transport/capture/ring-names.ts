/**
 * Names of a recording's files: `<sensor>-<date>T<time>Z-<sequence>.capture`, date and time (UTC) of the beginning of
 * the run, sequence from 0001. Names of one sensor sort by time. A run is what one recorder wrote, from start to end.
 */
export interface RingName {
  readonly sensor: string;
  /** Date and time, the same in all files of a run: `20260727T081500Z`. */
  readonly run: string;
  readonly sequence: number;
}

const pattern = /^(.+)-(\d{8}T\d{6}Z)-(\d{4,9})\.capture$/;

export function ringFileName({ sensor, run, sequence }: RingName): string {
  return `${sensor}-${run}-${String(sequence).padStart(4, '0')}.capture`;
}

/** The parts of a file's name, or undefined for a file that is not of a ring. */
export function parseRingName(name: string): RingName | undefined {
  const [, sensor, run, sequence] = pattern.exec(name) ?? [];
  if (sensor === undefined || run === undefined || sequence === undefined) return undefined;
  return { sensor, run, sequence: Number(sequence) };
}

/**
 * The name of a run that begins at a host time (microseconds since 1970). It sorts behind `newest`, the newest run that is
 * there: of a board whose clock begins in 1970 at each start, a run is named one second after the one before.
 */
export function nextRun(atUs: number, newest?: string): string {
  const name = runName(atUs / 1000);
  return newest === undefined || name > newest ? name : runName(timeOf(newest) + 1000);
}

function runName(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function timeOf(run: string): number {
  const [, date, hour, minute, second] = /^(\d{8})T(\d\d)(\d\d)(\d\d)Z$/.exec(run)!;
  const day = `${date!.slice(0, 4)}-${date!.slice(4, 6)}-${date!.slice(6)}`;
  const time = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? 0 : time;
}

/** Those of the names that are of a ring, oldest first. */
export function inRingOrder(names: readonly string[]): (RingName & { readonly file: string })[] {
  return names
    .flatMap((file) => {
      const name = parseRingName(file);
      return name === undefined ? [] : [{ ...name, file }];
    })
    .sort((a, b) => (a.run === b.run ? a.sequence - b.sequence : a.run < b.run ? -1 : 1));
}

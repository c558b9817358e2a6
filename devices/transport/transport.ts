/**
 * A two-way pipe of bytes to a sensor. One object is one attempt: after it has failed or closed, a new one is made
 * (that is what `TransportFactory` is for).
 */
export interface Transport {
  /** What it leads to, for status texts and logs: `serial:/dev/ttyACM0`, `tcp:127.0.0.1:9000`. */
  readonly name: string;

  /** What could not be set as wished while opening, a line each; the pipe works without it. */
  readonly warnings?: readonly string[];

  /**
   * Opens the pipe; to be called once. Rejects with a TransportError when it cannot be opened; `closed` is then not
   * called. No byte arrives before the promise is fulfilled.
   */
  open(listener: TransportListener): Promise<void>;

  /**
   * Sends bytes; they are copied before the call returns. Fulfilled when the pipe can take more (await it for back
   * pressure), and also when the pipe is closed, then or before: what became of the bytes is then unknown. Whoever
   * writes in a loop must end it when `closed` is called.
   */
  write(bytes: Uint8Array): Promise<void>;

  /** Stops deliveries until `resume`. What keeps arriving waits at the sender or in the kernel, whose room is finite. */
  pause(): void;
  resume(): void;

  /** Fulfilled when the pipe still leads somewhere, rejects with a TransportError when it does not. May be called often. */
  probe(): Promise<void>;

  /** Closes the pipe; may be called at any time and more than once. Never rejects. */
  close(): Promise<void>;
}

export interface TransportListener {
  /**
   * Bytes arrived, in any cut. `chunk` may be reused after the call: copy what you keep. `arrivalUs` is the host time
   * in microseconds at which the chunk was handed over (for a replay: was recorded).
   */
  data(chunk: Uint8Array, arrivalUs: number): void;

  /** Of recordings: the link was lost here and opened again. What follows begins anew, as after `open`. */
  relinked?(): void;

  /**
   * The pipe is closed, by either side; called once for every pipe that had opened, and nothing is called after it.
   * `error` is undefined when it was closed in order.
   */
  closed(error: TransportError | undefined): void;
}

/** A fresh, unopened transport for every attempt. */
export type TransportFactory = () => Transport;

/** Why a pipe could not be opened or broke: a code in the manner of errno, and a line that says what to do. */
export class TransportError extends Error {
  /** `ENOENT`, `EACCES`, `EBUSY`, `EIO`, `ECONNREFUSED`, ...; `EUNKNOWN` when the cause has none. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.code = code;
  }
}

/** Any error as one of a transport. */
export function transportErrorOf(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError('EUNKNOWN', error instanceof Error ? error.message : String(error), error);
}

/**
 * The course of a connection, as a pure function: (state, input) -> {state, effects}. The shell (`sensor.ts`) carries
 * out the effects and turns what happens into inputs; a timer running out is an input like any other.
 */

/** What users are told. */
export type SensorState =
  /** There is nothing at the other end; it is tried again and again. */
  | 'absent'
  /** The link is being opened, or is open and the sensor has not said yet who it is. */
  | 'connecting'
  | 'online'
  /** The link is open, but nothing comes. */
  | 'silent'
  /** There is something, but it cannot be used (permission, another program, damaged capture); tried again as well. */
  | 'error';

export interface SessionSettings {
  /** The sensor must identify itself before it is online. */
  readonly handshake: boolean;
  /** A sensor that is online sends something at least this often; undefined: it may be quiet for ever. */
  readonly heartbeatMs: number | undefined;
  /** A link that ends or fails stays so, and silence does not end it: for captures. */
  readonly once: boolean;
  /** Whether the sensor can be asked for its clock. */
  readonly pings: boolean;
  /** The machine's tick while a link is open. */
  readonly probeMs: number;
  /** At a tick after so long without a byte the link is probed: a hang-up is found `quietMs + probeMs` later at most. */
  readonly quietMs: number;
  readonly describeMs: number;
  /** From one ping of the device's clock to the next; the first few come at every tick, so that it is known soon. */
  readonly pingMs: number;
  /** Silence after which a link that still answers probes is opened anew. */
  readonly reopenMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

export const defaultSettings: Omit<SessionSettings, 'handshake' | 'heartbeatMs' | 'once' | 'pings'> = {
  probeMs: 100,
  quietMs: 50,
  describeMs: 500,
  pingMs: 1000,
  reopenMs: 5000,
  backoffMinMs: 250,
  backoffMaxMs: 5000,
};

export interface SessionState {
  readonly phase: 'stopped' | 'opening' | 'handshake' | 'online' | 'waiting';
  /** Failures in a row. */
  readonly failures: number;
  /** Milliseconds until the next DESCRIBE. */
  readonly describeInMs: number;
  /** Milliseconds until the next ping, and pings sent on this link. */
  readonly pingInMs: number;
  readonly pings: number;
  /** Something was lost since the last tick. */
  readonly lossy: boolean;
  /** START has been sent since the device last started. */
  readonly started: boolean;
  readonly status: SensorState;
  readonly reason: string;
}

/** Why a link failed; a `TransportError` is one. */
export interface LinkFailure {
  readonly code: string;
  readonly message: string;
}

export type SessionInput =
  /** `lost`: frames or events of the sensor were. */
  | { readonly type: 'start' | 'stop' | 'opened' | 'restarted' | 'lost' }
  /** The sensor said who it is; `who` is its name. */
  | { readonly type: 'identified'; readonly who: string }
  | { readonly type: 'timer'; readonly sinceByteMs: number }
  /** The link did not open, or broke, or a probe found it dead. */
  | { readonly type: 'failed'; readonly error: LinkFailure }
  /** The link was closed by the other end. */
  | { readonly type: 'ended' };

export type SessionEffect =
  | { readonly type: 'open' | 'close' | 'describe' | 'start' | 'stop' | 'probe' | 'finished' }
  /** Ask for the device's clock, or for its levels anew; sensors that cannot answer are not asked. */
  | { readonly type: 'ping' | 'keyframe' }
  | { readonly type: 'timer'; readonly ms: number }
  | { readonly type: 'status'; readonly status: SensorState; readonly reason: string };

export interface Transition {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

export const initialState: SessionState = {
  phase: 'stopped',
  failures: 0,
  describeInMs: 0,
  pingInMs: 0,
  pings: 0,
  lossy: false,
  started: false,
  status: 'connecting',
  reason: 'not started',
};

/** Codes of `LinkFailure` that mean: there is something, but it cannot be used. All others: there is nothing. */
const unusable = new Set(['EAMBIGUOUS', 'EACCES', 'EBUSY', 'ENOTTY', 'EINVAL', 'EISDIR', 'EUNKNOWN']);

/** One step. `random` (0 .. 1) is the jitter of a waiting time, if one begins. Inputs that make no sense change nothing. */
export function step(
  settings: SessionSettings,
  state: SessionState,
  input: SessionInput,
  random: number,
): Transition {
  const { phase } = state;
  const linked = phase === 'handshake' || phase === 'online';
  if (input.type === 'start') return phase === 'stopped' ? open(state) : same(state);
  if (phase === 'stopped') return same(state);
  if (input.type === 'stop') return stop(state, linked);
  if (phase === 'waiting') return input.type === 'timer' ? open(state) : same(state);
  switch (input.type) {
    case 'opened':
      return phase === 'opening' ? opened(settings, state) : same(state);
    case 'failed':
      return fail(settings, state, input.error, random);
    case 'ended':
      return end(settings, state, random);
    case 'identified':
      return linked ? identified(state, input.who) : same(state);
    case 'restarted':
      return phase === 'online' ? restarted(settings, state) : same(state);
    case 'lost':
      return { state: { ...state, lossy: true }, effects: [] };
    case 'timer':
      return linked ? tick(settings, state, input.sinceByteMs, random) : same(state);
  }
}

/** The waiting time before attempt `failures` + 1: doubling from least to most, a quarter of it at random either way. */
export function backoffMs(settings: SessionSettings, failures: number, random: number): number {
  const doubled = settings.backoffMinMs * 2 ** Math.min(failures - 1, 30);
  return Math.min(settings.backoffMaxMs, doubled) * (0.75 + 0.5 * random);
}

function same(state: SessionState): Transition {
  return { state, effects: [] };
}

/** A change of state with its effects; a status is told only when it differs from the last. */
function go(
  state: SessionState,
  change: Partial<SessionState>,
  effects: readonly SessionEffect[],
): Transition {
  const next = { ...state, ...change };
  if (next.status === state.status && next.reason === state.reason) return { state: next, effects };
  const told: SessionEffect = { type: 'status', status: next.status, reason: next.reason };
  return { state: next, effects: [told, ...effects] };
}

/** On a retry the status stays: it says why the last attempt failed. */
function open(state: SessionState): Transition {
  const first = state.failures === 0 && state.phase === 'stopped';
  const status = first ? { status: 'connecting' as const, reason: 'opening' } : {};
  return go(state, { phase: 'opening', ...status }, [{ type: 'open' }]);
}

function stop(state: SessionState, linked: boolean): Transition {
  const farewell: SessionEffect[] = linked ? [{ type: 'stop' }] : [];
  const change = { phase: 'stopped', status: 'absent', reason: 'stopped' } as const;
  return go(state, change, [...farewell, { type: 'close' }, { type: 'finished' }]);
}

function opened(settings: SessionSettings, state: SessionState): Transition {
  const timer: SessionEffect = { type: 'timer', ms: settings.probeMs };
  const fresh = { pingInMs: 0, pings: 0, lossy: false };
  if (!settings.handshake) {
    const change = {
      ...fresh,
      phase: 'online',
      failures: 0,
      started: true,
      status: 'online',
      reason: 'open',
    } as const;
    return go(state, change, [{ type: 'start' }, timer]);
  }
  const asking = { ...fresh, describeInMs: settings.describeMs, started: false } as const;
  const change = { phase: 'handshake', status: 'connecting', reason: 'open; asking who is there' } as const;
  return go(state, { ...asking, ...change }, [{ type: 'describe' }, timer]);
}

function identified(state: SessionState, who: string): Transition {
  const effects: SessionEffect[] = state.started ? [] : [{ type: 'start' }];
  const change = {
    phase: 'online',
    failures: 0,
    started: true,
    status: 'online',
    reason: `connected to ${who}`,
  } as const;
  return go(state, change, effects);
}

/** The device lost what it was told: it is asked again, and started when it answers. */
function restarted(settings: SessionSettings, state: SessionState): Transition {
  if (!settings.handshake) return { state, effects: [{ type: 'start' }] };
  return { state: { ...state, started: false }, effects: [{ type: 'describe' }] };
}

function fail(
  settings: SessionSettings,
  state: SessionState,
  error: LinkFailure,
  random: number,
): Transition {
  const failures = state.failures + 1;
  const status = unusable.has(error.code) ? 'error' : 'absent';
  if (settings.once)
    return go(state, { phase: 'stopped', status, reason: error.message }, [
      { type: 'close' },
      { type: 'finished' },
    ]);
  const timer: SessionEffect = { type: 'timer', ms: backoffMs(settings, failures, random) };
  return go(state, { phase: 'waiting', failures, status, reason: error.message }, [{ type: 'close' }, timer]);
}

function end(settings: SessionSettings, state: SessionState, random: number): Transition {
  if (!settings.once)
    return fail(settings, state, { code: 'EPIPE', message: 'the other end has closed the link' }, random);
  const change = { phase: 'stopped', status: 'absent', reason: 'the capture has ended' } as const;
  return go(state, change, [{ type: 'close' }, { type: 'finished' }]);
}

/** Every `probeMs` while a link is open. */
function tick(
  settings: SessionSettings,
  state: SessionState,
  sinceByteMs: number,
  random: number,
): Transition {
  const { probeMs, quietMs, describeMs, reopenMs, heartbeatMs, once } = settings;
  const effects: SessionEffect[] = [{ type: 'timer', ms: probeMs }];
  const patienceMs = 3 * (heartbeatMs ?? describeMs);
  const mayBeQuiet = state.phase === 'online' && heartbeatMs === undefined;
  const silent = !mayBeQuiet && sinceByteMs >= patienceMs;
  if (silent && !once && sinceByteMs >= Math.max(reopenMs, 2 * patienceMs))
    return fail(settings, state, { code: 'ETIMEDOUT', message: silentFor(sinceByteMs) }, random);
  if (sinceByteMs >= quietMs) effects.unshift({ type: 'probe' });
  const asking = settings.handshake && (state.phase === 'handshake' || silent || !state.started);
  const due = state.describeInMs - probeMs <= 0;
  if (asking && due) effects.unshift({ type: 'describe' });
  const describeInMs = due ? describeMs : state.describeInMs - probeMs;
  const change = { describeInMs, ...care(settings, state, effects), ...spoken(state, silent) };
  return go(state, change, effects);
}

/** Pings at once so many times, so that the shortest of several round trips is known soon. */
const firstPings = 5;

/** What an online sensor is asked for beside events: its clock, and its levels after a loss, once a tick at most. */
function care(
  { probeMs, pingMs, pings, once }: SessionSettings,
  state: SessionState,
  effects: SessionEffect[],
): Partial<SessionState> {
  if (state.phase !== 'online' || once) return {};
  if (state.lossy) effects.push({ type: 'keyframe' });
  if (!pings) return { lossy: false };
  const due = state.pings < firstPings || state.pingInMs - probeMs <= 0;
  if (due) effects.push({ type: 'ping' });
  return {
    lossy: false,
    pings: state.pings + (due ? 1 : 0),
    pingInMs: due ? pingMs : state.pingInMs - probeMs,
  };
}

/** The status after a tick: silence begins, lasts or ends. */
function spoken(state: SessionState, silent: boolean): Pick<SessionState, 'status' | 'reason'> {
  const { phase, status, reason } = state;
  if (silent && status !== 'silent')
    return { status: 'silent', reason: 'nothing arrives: check baud rate, cable and firmware' };
  if (silent || status !== 'silent') return { status, reason };
  return phase === 'online'
    ? { status: 'online', reason: 'speaking again' }
    : { status: 'connecting', reason: 'speaks, but does not say who it is' };
}

function silentFor(ms: number): string {
  return `nothing arrived for ${(ms / 1000).toFixed(1)} s: check baud rate, cable and firmware`;
}

import { type Clock, systemClock, type Timer } from '../clock.js';
import { ClockSync } from '../clock-sync.js';
import {
  type Transport,
  type TransportError,
  type TransportFactory,
  transportErrorOf,
} from '../transport/transport.js';
import { SensorCounters } from './counters.js';
import type { Driver, SensorIdentity } from './driver.js';
import { type SensorListener, type SensorStatus, statusOf } from './listener.js';
import {
  defaultSettings,
  initialState,
  type SensorState,
  type SessionEffect,
  type SessionInput,
  type SessionSettings,
  type SessionState,
  step,
} from './machine.js';
import { otherSensor } from './other-sensor.js';
import { Pings } from './pings.js';
import { SensorStream } from './stream.js';

export interface OpenSensorOptions {
  readonly transport: TransportFactory;
  readonly driver: Driver;
  /** End, for good, when the link ends or fails: for captures. Default false: open again for ever. */
  readonly once?: boolean;
  /** Serial number that the sensor must tell; one that tells another is left, and the link opened anew. */
  readonly uid?: string;
  readonly settings?: Partial<typeof defaultSettings>;
  readonly clock?: Clock;
  /** Jitter for waiting times, 0 .. 1. Default Math.random. */
  readonly random?: () => number;
}

/** Opens a sensor and keeps it open. Never throws and never rejects: what goes wrong is told as a status. */
export function openSensor(options: OpenSensorOptions, listener: SensorListener): Sensor {
  const sensor = new Sensor(options, listener);
  sensor.start();
  return sensor;
}

/** The shell around `machine.ts`: carries out its effects with a transport, a driver and timers. */
export class Sensor {
  readonly counters = new SensorCounters();
  /** Device time to host time, for the current epoch. */
  readonly clockSync = new ClockSync();
  /** Fulfilled when the sensor is closed, or when a capture (`once`) has ended. */
  readonly ended: Promise<void>;
  private settings: SessionSettings;
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly stream: SensorStream;
  private readonly inputs: SessionInput[] = [];
  private state: SessionState = initialState;
  private current: SensorStatus;
  private stepping = false;
  private transport: Transport | undefined;
  private closing: Promise<void> = Promise.resolve();
  private timer: Timer | undefined;
  private lastByteUs = 0;
  private probing = false;
  private readonly pings = new Pings();
  private paused = false;
  /** Why the sensor that has just said who it is is not the one that is wanted. */
  private unwanted: TransportError | undefined;
  private finish: () => void = () => {};

  constructor(
    private readonly options: OpenSensorOptions,
    private readonly listener: SensorListener,
  ) {
    const { driver, once = false, clock = systemClock, random = Math.random } = options;
    const { heartbeatMs } = driver;
    const asked = { handshake: driver.describe !== undefined, heartbeatMs, once };
    const pings = driver.ping !== undefined;
    this.settings = { ...defaultSettings, ...options.settings, ...asked, pings };
    this.clock = clock;
    this.random = random;
    this.current = { ...statusOf(initialState), identity: undefined, sinceUs: clock.nowUs() };
    this.ended = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.stream = new SensorStream(driver, listener, this.counters, this.clockSync, {
      identified: (identity) => this.identified(identity),
      restarted: () => this.take({ type: 'restarted' }),
      lost: () => this.take({ type: 'lost' }),
      pingedUs: (nonce) => this.pings.answered(nonce),
    });
  }

  get status(): SensorStatus {
    return this.current;
  }

  /** Bytes that wait for the rest of their frame. */
  get buffered(): number {
    return this.options.driver.buffered;
  }

  start(): void {
    this.take({ type: 'start' });
  }

  /** Stops the device, closes the link and ends. */
  close(): Promise<void> {
    this.take({ type: 'stop' });
    return this.ended;
  }

  /** From now on a link is opened anew when it has been silent for so long, in milliseconds. */
  reopenAfter(reopenMs: number): void {
    this.settings = { ...this.settings, reopenMs };
  }

  /** Takes no more bytes until `resume`: for a consumer that is slower than a replay. */
  pause(): void {
    this.paused = true;
    this.transport?.pause();
  }

  resume(): void {
    this.paused = false;
    this.lastByteUs = this.clock.nowUs();
    this.transport?.resume();
  }

  /** The listener learns of a new identity also when it does not change the state. */
  private identified(identity: SensorIdentity): void {
    this.unwanted = otherSensor(this.options.uid, identity);
    if (this.unwanted !== undefined) return;
    const isNew = JSON.stringify(identity) !== JSON.stringify(this.current.identity);
    const untold = { ...this.current, identity };
    this.current = untold;
    this.take({ type: 'identified', who: identity.name ?? identity.driver });
    if (isNew && this.current === untold) this.listener.status(untold);
  }

  /** Feeds the machine. Inputs that come up while it steps wait for their turn. */
  private take(input: SessionInput): void {
    this.inputs.push(input);
    if (this.stepping) return;
    this.stepping = true;
    try {
      for (let next = this.inputs.shift(); next !== undefined; next = this.inputs.shift()) {
        const { state, effects } = step(this.settings, this.state, next, this.random());
        this.state = state;
        for (const effect of effects) this.carryOut(effect);
      }
    } finally {
      this.stepping = false;
    }
  }

  private carryOut(effect: SessionEffect): void {
    const { driver } = this.options;
    switch (effect.type) {
      case 'open':
        void this.open();
        break;
      case 'close':
        this.unlink();
        break;
      case 'describe':
        this.send(driver.describe);
        break;
      case 'start':
        this.send(driver.start);
        break;
      case 'stop':
        this.send(driver.stop);
        break;
      case 'probe':
        void this.probe();
        break;
      case 'ping':
        this.counters.pings++;
        this.send(() => driver.ping!(this.pings.send(this.clock.nowUs())));
        break;
      case 'keyframe':
        if (driver.keyframe !== undefined) this.counters.keyframes++;
        this.send(driver.keyframe);
        break;
      case 'timer':
        this.setTimer(effect.ms);
        break;
      case 'status':
        this.tell(effect.status, effect.reason);
        break;
      case 'finished':
        this.clearTimer();
        void this.closing.then(this.finish);
        break;
    }
  }

  private async open(): Promise<void> {
    this.counters.attempts++;
    await this.closing;
    if (this.state.phase !== 'opening') return;
    let transport: Transport | undefined;
    try {
      transport = this.options.transport();
      this.transport = transport;
      await transport.open(this.receiver(transport));
    } catch (error) {
      if (this.transport === transport) this.take({ type: 'failed', error: transportErrorOf(error) });
      return;
    }
    if (this.transport !== transport) return;
    this.counters.opened++;
    this.lastByteUs = this.clock.nowUs();
    if (this.paused) transport.pause();
    this.take({ type: 'opened' });
  }

  /** Listens to one transport as long as it is the current one. */
  private receiver(transport: Transport) {
    return {
      data: (chunk: Uint8Array, arrivalUs: number): void => {
        if (this.transport !== transport) return;
        this.lastByteUs = this.clock.nowUs();
        this.stream.push(chunk, arrivalUs);
        this.leaveUnwanted();
      },
      relinked: (): void => {
        if (this.transport === transport) this.stream.reset();
      },
      closed: (error: TransportError | undefined): void => {
        if (this.transport !== transport) return;
        this.counters.broken++;
        this.take(error === undefined ? { type: 'ended' } : { type: 'failed', error });
      },
    };
  }

  /** Not while the chunk is being decoded: closing resets the decoder. */
  private leaveUnwanted(): void {
    const { unwanted } = this;
    this.unwanted = undefined;
    if (unwanted !== undefined) this.take({ type: 'failed', error: unwanted });
  }

  private unlink(): void {
    const { transport } = this;
    this.transport = undefined;
    this.stream.reset();
    this.pings.clear();
    if (transport !== undefined) this.closing = transport.close();
  }

  private send(bytes: (() => Uint8Array) | undefined): void {
    if (bytes !== undefined) void this.transport?.write(bytes());
  }

  private async probe(): Promise<void> {
    const { transport } = this;
    if (transport === undefined || this.probing) return;
    this.probing = true;
    try {
      await transport.probe();
    } catch (error) {
      if (this.transport === transport) {
        this.counters.probedDead++;
        this.take({ type: 'failed', error: transportErrorOf(error) });
      }
    } finally {
      this.probing = false;
    }
  }

  private setTimer(ms: number): void {
    this.clearTimer();
    this.timer = this.clock.setTimer(() => {
      const sinceByteMs = this.paused ? 0 : (this.clock.nowUs() - this.lastByteUs) / 1000;
      this.take({ type: 'timer', sinceByteMs });
    }, ms);
  }

  private clearTimer(): void {
    if (this.timer !== undefined) this.clock.clearTimer(this.timer);
    this.timer = undefined;
  }

  private tell(state: SensorState, reason: string): void {
    if (state === 'silent') this.counters.silences++;
    const isLinked = state !== 'absent' && state !== 'error';
    const warnings = (isLinked && this.transport?.warnings) || [];
    this.current = {
      ...{ state, reason, identity: this.current.identity, sinceUs: this.clock.nowUs() },
      ...(warnings.length === 0 ? {} : { warnings }),
    };
    this.listener.status(this.current);
  }
}

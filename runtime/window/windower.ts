import type { EventBatch } from '../../devices/index.js';
import type { InputSpec } from '../../models/index.js';
import { windowCounters } from './counters.js';
import type { Lane } from './lane.js';
import { Merge } from './merge.js';
import { createPolicy, type PolicySpec } from './policies.js';
import type { BinListener, ClosedWindow, OpenWindow, Policy, TriggerAnswer, WindowBody } from './window.js';

export interface WindowerOptions {
  /** Shape of the windows; channels must be 2 * sensors. */
  readonly input: InputSpec;
  /** Number of sensors (fingers); finger f has the channels 2f (ON) and 2f + 1 (OFF). */
  readonly sensors: number;
  readonly policy: PolicySpec;
  /** A sensor further behind the newest one is not waited for. Default 50,000 us. */
  readonly maxLagUs?: number;
  /** A sensor's time that leaps further, ahead or back, must be confirmed by its next time. Default 10 s. */
  readonly maxJumpUs?: number;
  /** Events of one sensor that may wait for the others. Default 8192. */
  readonly laneEvents?: number;
  /** Takes each window as it closes. Must not call back into the windower. */
  readonly onWindow: (window: ClosedWindow) => void;
  /**
   * Takes the bins of windows that are still open, as time passes them; the bins that are left when a window closes are
   * told with it by `onWindow`. Must not call back into the windower. Absent: nothing is done for it.
   */
  readonly onBins?: (window: OpenWindow) => void;
  /** Takes a cell that a late event has added to a bin that was told already. */
  readonly onLate?: (index: number, bin: number, cell: number) => void;
}

const MAX_TIME_US = 2 ** 53;

/**
 * Events of a pipeline's sensors in, closed windows out, all by event time. Pure: no clock, no timers. The same
 * events give the same windows however they are cut into batches, and, while no sensor lags beyond `maxLagUs`, in
 * whatever order the sensors' batches come. No data makes it throw; see `counters` for where events went.
 */
export class Windower {
  readonly counters = windowCounters();
  private readonly merge: Merge;
  private readonly policy: Policy;
  /** Shape of the windows. */
  readonly input: InputSpec;
  private readonly maxJumpUs: number;
  private nextIndex = 0;

  /** Throws RangeError, with the remedy, when sensors, input and policy do not fit each other. */
  constructor(private readonly options: WindowerOptions) {
    const { input, sensors, maxLagUs = 50_000, maxJumpUs = 10_000_000, laneEvents = 8192 } = options;
    if (input.channels !== 2 * sensors) {
      throw new RangeError(
        `the network has ${input.channels} channels, ${sensors} sensors give ${2 * sensors}: name as many sensors as fingers`,
      );
    }
    if (!(Number.isSafeInteger(laneEvents) && laneEvents >= 2)) {
      throw new RangeError(`laneEvents is ${laneEvents}: give a whole number from 2`);
    }
    if (!(maxLagUs >= 0 && maxJumpUs > 0)) {
      throw new RangeError(
        `maxLagUs is ${maxLagUs} and maxJumpUs ${maxJumpUs}: give microseconds, 0 or more and above 0`,
      );
    }
    this.input = input;
    this.maxJumpUs = maxJumpUs;
    this.policy = createPolicy(options.policy, {
      input,
      counters: this.counters,
      maxJumpUs,
      close: (body) => this.close(body),
      ...(options.onBins === undefined ? {} : { bins: this.listener(options.onBins) }),
    });
    this.merge = new Merge(sensors, laneEvents, maxLagUs, this.policy);
  }

  /** Latest pipeline time of any sensor, -Infinity when none has spoken. */
  get newestUs(): number {
    return this.merge.newestUs;
  }

  /** Number of the window that closes next. */
  get nextToClose(): number {
    return this.nextIndex;
  }

  /** Number of the first window that has not begun yet. */
  get nextToBegin(): number {
    return this.nextIndex + this.policy.open;
  }

  /** Events that wait: for other sensors, for a confirmation of their time, or for a window that may still open. */
  get pending(): number {
    const waiting = this.merge.lanes.map((lane) => lane.waiting + (lane.suspect?.bit === undefined ? 0 : 1));
    return waiting.reduce((sum, n) => sum + n, this.policy.pending);
  }

  /** Takes events of a sensor, times on the sensor's clock. */
  add(sensor: number, batch: EventBatch): void {
    const lane = this.lane(sensor);
    this.counters.events += batch.length;
    for (let i = 0; i < batch.length; ) {
      i = this.takeRegular(lane, 2 * sensor, batch, i);
      if (i < batch.length && !lane.full) this.takeUnusual(lane, 2 * sensor, batch, i++);
      if (lane.full) this.makeRoom(lane);
    }
    this.merge.release();
  }

  /** A heartbeat: the sensor's clock reads `tUs`, and it will send no earlier event. */
  advance(sensor: number, tUs: number): void {
    const lane = this.lane(sensor);
    this.judge(lane, tUs + lane.offsetUs, undefined);
    this.merge.release();
  }

  /**
   * The sensor's clock has restarted; `offsetUs` is its new alignment. With one sensor, its clock is the pipeline's:
   * open windows are cut (reason `epoch`) and time begins anew. With several, pipeline time goes on and the sensor
   * joins it again.
   */
  epoch(sensor: number, offsetUs?: number): void {
    const lane = this.lane(sensor);
    this.dropSuspect(lane);
    this.restartClock(lane);
    if (offsetUs !== undefined) lane.offsetUs = offsetUs;
    this.merge.release();
  }

  /** Sets the alignment of a sensor: pipeline time = device time + offset. */
  setOffset(sensor: number, offsetUs: number): void {
    this.lane(sensor).offsetUs = offsetUs;
  }

  /** An offline sensor is not waited for. Sensors begin online. */
  setOnline(sensor: number, online: boolean): void {
    const lane = this.lane(sensor);
    if (lane.online === online) return;
    lane.online = online;
    if (online) lane.join(this.merge.newestUs);
    else this.gap(sensor);
    this.merge.release();
  }

  /** Events of this sensor were lost between its last time and its next: windows there are not `complete`. */
  gap(sensor: number): void {
    const lane = this.lane(sensor);
    lane.missingFromUs ??= lane.watermarkUs;
  }

  /** Asks for a window from `atUs` (pipeline time) on; without it, from the latest time of any sensor on. */
  trigger(atUs: number = this.merge.newestUs): TriggerAnswer {
    const answer = this.askPolicy(atUs);
    if (answer === 'opened') this.policy.advance(this.merge.mergedUs);
    else this.counters.triggersRefused++;
    return answer;
  }

  /** The end of a recording: silence from here on. Closes what is open; what comes next has a new time. */
  flush(): void {
    for (const lane of this.merge.lanes) this.dropSuspect(lane);
    this.finish('flush');
  }

  private lane(sensor: number): Lane {
    const lane = this.merge.lanes[sensor];
    if (lane === undefined)
      throw new RangeError(`sensor ${sensor}: this pipeline has ${this.merge.lanes.length}`);
    return lane;
  }

  /** Takes events for as long as they are in order and the lane has room; returns the index of the first left. */
  private takeRegular(lane: Lane, channel: number, batch: EventBatch, from: number): number {
    if (lane.suspect !== undefined || lane.missingFromUs !== undefined) return from;
    const { tUs, taxel, polarity } = batch;
    const { taxels, channels } = this.input;
    const { offsetUs } = lane;
    const { maxJumpUs } = this;
    const to = Math.min(batch.length, from + lane.capacity - lane.waiting);
    let tail = lane.tail;
    let lastUs = lane.lastUs;
    // NaN while the sensor has not spoken: then no comparison holds, and its first time is judged alone.
    let lowestUs = Math.max(lastUs, this.merge.mergedUs, lane.tailUs);
    let i = from;
    for (; i < to; i++) {
      const t = tUs[i]! + offsetUs;
      const cell = taxel[i]!;
      const sign = polarity[i]!;
      if (!(t >= lowestUs && t - lastUs <= maxJumpUs && cell < taxels && sign <= 1)) break;
      lane.tUs[tail] = t;
      lane.bit[tail++] = cell * channels + channel + 1 - sign;
      lowestUs = t;
      lastUs = t;
    }
    if (i > from) {
      lane.tail = tail;
      this.merge.reach(lane, lastUs);
    }
    return i;
  }

  private takeUnusual(lane: Lane, channel: number, batch: EventBatch, i: number): void {
    if (batch.taxel[i]! >= this.input.taxels) this.counters.badTaxel++;
    else if (batch.polarity[i]! > 1) this.counters.badPolarity++;
    else {
      const bit = batch.taxel[i]! * this.input.channels + channel + 1 - batch.polarity[i]!;
      this.judge(lane, batch.tUs[i]! + lane.offsetUs, bit);
    }
  }

  /** Takes one time, that of an event or (bit undefined) of a heartbeat, with all doubts. */
  private judge(lane: Lane, tUs: number, bit: number | undefined): void {
    if (!(Math.abs(tUs) <= MAX_TIME_US)) {
      if (bit !== undefined) this.counters.badTime++;
      return;
    }
    const { suspect } = lane;
    if (suspect !== undefined && Math.abs(tUs - suspect.tUs) <= this.maxJumpUs) {
      lane.suspect = undefined;
      if (suspect.tUs < lane.lastUs) this.restartClock(lane);
      this.accept(lane, suspect.tUs, suspect.bit);
    } else {
      this.dropSuspect(lane);
    }
    const known = Number.isNaN(lane.lastUs) ? this.merge.newestUs : lane.lastUs;
    if (Number.isFinite(known) && Math.abs(tUs - known) > this.maxJumpUs) lane.suspect = { tUs, bit };
    else this.accept(lane, tUs, bit);
  }

  private accept(lane: Lane, tUs: number, bit: number | undefined): void {
    if (bit !== undefined) {
      // What is older goes first, so that the event meets the windows that its time has left open.
      this.merge.release();
      if (lane.full) this.makeRoom(lane);
      if (tUs >= this.merge.mergedUs) lane.insert(tUs, bit);
      else if (this.policy.late(tUs, bit)) {
        this.counters.placed++;
        this.counters.reordered++;
      } else this.counters.late++;
    }
    if (!(tUs < lane.lastUs)) this.merge.reach(lane, tUs);
  }

  private makeRoom(lane: Lane): void {
    this.merge.release();
    if (!lane.full) return;
    this.counters.forced++;
    this.merge.force(lane);
  }

  private restartClock(lane: Lane): void {
    this.counters.clockRestarts++;
    if (this.merge.lanes.length === 1) this.finish('epoch');
    else {
      lane.lastUs = Number.NaN;
      lane.join(this.merge.newestUs);
    }
  }

  private finish(reason: 'flush' | 'epoch'): void {
    this.merge.releaseTo(this.merge.newestUs);
    this.policy.finish(reason);
    this.merge.restart();
  }

  private dropSuspect(lane: Lane): void {
    if (lane.suspect?.bit !== undefined) this.counters.jump++;
    lane.suspect = undefined;
  }

  private askPolicy(atUs: number): TriggerAnswer {
    if (this.policy.trigger === undefined) return 'ignored';
    if (this.merge.newestUs === Number.NEGATIVE_INFINITY) return 'unknown';
    return this.policy.trigger(atUs, this.merge.newestUs);
  }

  private listener(onBins: (window: OpenWindow) => void): BinListener {
    return {
      completed: (ahead, told) =>
        onBins({ index: this.nextIndex + ahead, complete: this.merge.isComplete(told), ...told }),
      late: (ahead, bin, cell) => this.options.onLate?.(this.nextIndex + ahead, bin, cell),
    };
  }

  private close(body: WindowBody): void {
    if (body.reason === 'end') this.counters.closed++;
    else if (body.reason === 'flush') this.counters.flushed++;
    else this.counters.cut++;
    const index = this.nextIndex++;
    this.options.onWindow({ index, complete: this.merge.isComplete(body), ...body });
  }
}

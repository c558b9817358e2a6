/** From the results of one pipeline to its messages: `result` for each, `decision` and `state` for those to act on. */
import { LEAST_STEP_US } from '../clock-steps.js';
import type { PipelineResult } from '../inference/index.js';
import { decisionBody, type Publisher, type ResultBody, resultBody } from '../publish/index.js';
import { backendOf } from './backend.js';
import { Decider, type Verdict } from './decider.js';
import { earlyTest } from './early-test.js';
import { modelName } from './model-name.js';
import type { Settings } from './settings.js';

/** Where a sensor's clock stands against the host's. */
export interface SensorTime {
  /** Host time (microseconds since 1970) of a device time; NaN while it is not known. */
  toHostUs(deviceUs: number): number;
  /** How far off it may be; Infinity while that is not known. */
  boundUs(deviceUs: number): number;
}

export interface AnswersOptions {
  readonly pipeline: string;
  readonly settings: Settings;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly nowUs: () => number;
  /** Now, on the clock that times of sensors are mapped to; it never steps. */
  readonly sensorNowUs: () => number;
  /** Its times are those of a recording, which the clocks of this host have nothing to do with. */
  readonly isRecorded: boolean;
  /** Clock of the sensor whose time is the pipeline's; undefined when the pipeline runs on host time (several sensors). */
  readonly sensorTime: SensorTime | undefined;
  /** Called with each result message. */
  readonly onResult?: (body: ResultBody, result: PipelineResult) => void;
}

export class Answers {
  #previousLabel: string | null = null;
  readonly #decider = new Decider();

  constructor(private readonly options: AnswersOptions) {}

  /** Publishes one result, and the decision that it leads to. */
  publish(result: PipelineResult): void {
    const { pipeline, settings, publisher, onResult } = this.options;
    const { anytime, minConfidence, validMs } = settings.pipeline(pipeline);
    const { window, bin, final, model, decision: answer } = result;
    const tests = { early: earlyTest(anytime, model.stopping), minConfidence };
    const verdict = this.#decider.observe({ ...answer, window: window.index, bin, final }, tests);
    const body = resultBody(this.#answer(result, verdict, validMs), settings.config.publish);
    publisher.publish('result', body);
    if (verdict.decision !== undefined) {
      const decision = decisionBody(body, {
        prevLabel: this.#previousLabel,
        reason: verdict.decision,
        validMs,
      });
      publisher.publish('decision', decision);
      publisher.publish('state', decision);
      this.#previousLabel = body.label;
    }
    onResult?.(body, result);
  }

  #answer(
    result: PipelineResult,
    { decided, revised }: Verdict,
    validMs: number,
  ): Parameters<typeof resultBody>[0] {
    const { publish } = this.options.settings.config;
    const { pipeline, sensors, window, bin, final, model, decision, timings, late, spikes } = result;
    return {
      pipeline,
      sensors: [...sensors],
      window: window.index,
      final,
      step: bin,
      steps: model.input.bins,
      labels: model.labels,
      scores: decision.scores,
      decided,
      t: this.#times(result),
      ageUs: this.#ageUs(result),
      valid_ms: validMs,
      latencyUs: {
        ingest: timings.ingestUs,
        wait: timings.waitUs,
        encode: timings.encodeUs,
        infer: timings.inferUs,
        post: timings.postUs,
      },
      model: {
        id: modelName(model.id),
        version: model.version,
        sha256: model.sha256.slice(0, 16),
        backend: backendOf(model),
      },
      ...(publish.spikes && spikes !== undefined
        ? { spikes: { in: window.events, hidden: spikes.hidden, synops: spikes.synapticOps } }
        : {}),
      ...(publish.energy && spikes !== undefined ? { energy: spikes.energy } : {}),
      flags: [
        ...(window.complete ? [] : ['incomplete']),
        ...(revised ? ['revised'] : []),
        ...(late ? ['late'] : []),
      ],
    };
  }

  /** Time since the end of the bins that it is the answer to; NaN while the clock of the sensor is not known. */
  #ageUs({ window, bin, final, model }: PipelineResult): number {
    const { sensorTime, sensorNowUs } = this.options;
    const endUs = final ? window.endUs : window.startUs + bin * model.input.binUs;
    return sensorNowUs() - (sensorTime === undefined ? endUs : sensorTime.toHostUs(endUs));
  }

  #times({ window }: PipelineResult): Parameters<typeof resultBody>[0]['t'] {
    const { sensorTime } = this.options;
    const decision_us = this.options.nowUs();
    const steppedUs = this.#steppedUs(decision_us);
    const clock = 'unknown';
    // A window without events begins and ends with nothing: its bounds stand for them.
    const first = Number.isNaN(window.firstEventUs) ? window.startUs : window.firstEventUs;
    const last = Number.isNaN(window.lastEventUs) ? window.endUs : window.lastEventUs;
    if (sensorTime === undefined)
      return {
        event_first_us: whole(first + steppedUs),
        event_last_us: whole(last + steppedUs),
        decision_us,
        clock,
      };
    const boundUs = sensorTime.boundUs(last);
    return {
      sensor_first_us: whole(first),
      sensor_last_us: whole(last),
      event_first_us: whole(sensorTime.toHostUs(first) + steppedUs),
      event_last_us: whole(sensorTime.toHostUs(last) + steppedUs),
      decision_us,
      clock,
      ...(Number.isFinite(boundUs) ? { sensor_offset_err_us: whole(boundUs) } : {}),
    };
  }

  /** How far the wall clock has been set since the start, which the clock of the sensors has not followed. */
  #steppedUs(nowUs: number): number {
    const { sensorNowUs, isRecorded } = this.options;
    const us = nowUs - sensorNowUs();
    return isRecorded || Math.abs(us) < LEAST_STEP_US ? 0 : us;
  }
}

/** Whole microseconds, never negative; 0 for what is not known yet. */
function whole(us: number): number {
  return Number.isFinite(us) ? Math.max(0, Math.round(us)) : 0;
}

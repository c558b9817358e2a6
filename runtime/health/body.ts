/** The health message from the parts of an edge. */
import { loadavg } from 'node:os';
import type { ClockReport, SensorCounters, SensorStatus } from '../../devices/index.js';
import { backendOf } from '../edge/backend.js';
import { waitingWindows } from '../edge/inputs.js';
import { modelName } from '../edge/model-name.js';
import type { EdgeReport } from '../edge/state.js';
import type { LoadedModel, PipelineCounters, PipelineState, ShedLevel } from '../inference/index.js';
import type { HealthBody, PublishCounters } from '../publish/index.js';
import type { WindowCounters } from '../window/index.js';
import { flatCounters, sumCounters } from './counters.js';
import type { Meters } from './meters.js';

/** A pipeline as health sees it. */
export interface HealthPipeline {
  readonly state: PipelineState;
  readonly reason: string;
  readonly model: LoadedModel | undefined;
  readonly counters: PipelineCounters;
  readonly shedLevel: ShedLevel;
  readonly windowCounters: WindowCounters | undefined;
}

/** A sensor as health sees it. */
export interface HealthInput {
  readonly sensor: {
    readonly counters: SensorCounters;
    readonly clockSync: { report(): ClockReport | undefined };
  };
}

/** What health looks at; looking changes nothing. */
export interface HealthParts {
  report(): EdgeReport;
  readonly inputs: ReadonlyMap<string, HealthInput>;
  /** The last status of each sensor in which it did not just connect. */
  readonly sensorStates: ReadonlyMap<string, Pick<SensorStatus, 'state'>>;
  readonly pipelines: ReadonlyMap<string, HealthPipeline>;
  /** Pipelines that cannot even be made, each with the reason. */
  refused(): ReadonlyMap<string, string>;
  readonly workers: { readonly workersUp: number; readonly counters: readonly object[] };
  readonly publisher: {
    readonly connected: boolean;
    readonly backlog: { readonly messages: number; readonly bytes: number };
    readonly counters: PublishCounters;
  };
}

/** What the monitor adds. */
export interface HealthTimes {
  readonly uptimeS: number;
  readonly periodS: number;
  readonly clockSteps: number;
  readonly storeFault: string | undefined;
  readonly meters: Meters;
  readonly alerts: readonly string[];
}

export function healthBody(parts: HealthParts, times: HealthTimes): HealthBody {
  const { status, reasons } = parts.report();
  const { rss, heapUsed } = process.memoryUsage();
  const { connected, backlog, counters } = parts.publisher;
  return {
    status,
    ...(reasons.length === 0 ? {} : { reasons: [...reasons] }),
    uptime_s: times.uptimeS,
    period_s: times.periodS,
    memory: { rss_bytes: rss, heap_bytes: heapUsed },
    clock_steps: times.clockSteps,
    ...(times.storeFault === undefined ? {} : { store_fault: times.storeFault }),
    load_1m: loadavg()[0]!,
    event_loop: times.meters.eventLoop,
    mqtt: {
      ...{ connected, waiting_messages: backlog.messages, waiting_bytes: backlog.bytes },
      counters: flatCounters(counters),
    },
    workers: { up: parts.workers.workersUp, counters: sumCounters(parts.workers.counters) },
    sensors: [...parts.inputs].map(([name, input]) =>
      sensorHealth(name, input, parts.sensorStates.get(name)),
    ),
    pipelines: [
      ...[...parts.pipelines].map(([name, pipeline]) => pipelineHealth(name, pipeline, times.meters)),
      ...[...parts.refused()].map(([name, reason]) => refusedHealth(name, reason, times.meters)),
    ],
    alerts: [...times.alerts],
  };
}

function sensorHealth(
  name: string,
  { sensor }: HealthInput,
  status: Pick<SensorStatus, 'state'> | undefined,
): HealthBody['sensors'][number] {
  const clock = sensor.clockSync.report();
  return {
    sensor: name,
    status: status?.state ?? 'connecting',
    counters: flatCounters(sensor.counters),
    ...(clock === undefined ? {} : { clock: clockHealth(clock) }),
  };
}

function clockHealth({ offsetUs, skewPpm, boundUs, samples, source }: ClockReport) {
  return {
    offset_us: offsetUs,
    skew_ppm: skewPpm,
    ...(Number.isFinite(boundUs) ? { bound_us: boundUs } : {}),
    ...{ samples, source },
  };
}

function pipelineHealth(
  name: string,
  { state, reason, model, counters, shedLevel, windowCounters }: HealthPipeline,
  meters: Meters,
): HealthBody['pipelines'][number] {
  return {
    ...{ pipeline: name, state, ...(reason === '' ? {} : { reason }) },
    model: model === undefined ? null : modelHealth(model),
    waiting: waitingWindows(counters),
    shed_level: shedLevel,
    windows: flatCounters(counters),
    events: flatCounters(windowCounters ?? {}),
    ...meters.latencies(name),
  };
}

function refusedHealth(pipeline: string, reason: string, meters: Meters): HealthBody['pipelines'][number] {
  const none = { model: null, waiting: 0, shed_level: 0, windows: {}, events: {} };
  return { pipeline, state: 'failed', reason, ...none, ...meters.latencies(pipeline) };
}

/** As results name their model. */
function modelHealth(model: LoadedModel): NonNullable<HealthBody['pipelines'][number]['model']> {
  const { id, version, sha256 } = model;
  return { id: modelName(id), version, sha256: sha256.slice(0, 16), backend: backendOf(model) };
}

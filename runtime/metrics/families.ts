/** The figures for Prometheus, from the health of the edge at the moment of each scrape. Units stand in the names. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PipelineResult } from '../inference/index.js';
import type { HealthBody } from '../publish/index.js';

type Labels = Readonly<Record<string, string>>;

/** Seconds; finer where control loops look. */
const LATENCY_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** Names of counters that count bytes, or that say in another way what they count. */
const SAID: Readonly<Record<string, string>> = { discarded: 'discarded_bytes', rejected: 'rejected_events' };

/** A registry of its own, with nothing of the process in it but what health has. */
export class MetricFamilies {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();
  readonly #latency = this.#histogram(
    'whorl_answer_latency_seconds',
    'From the byte that completed a window or bin to the answer',
  );
  readonly #inference = this.#histogram('whorl_inference_seconds', 'What the network took for an answer');

  answered({ pipeline, timings }: Pick<PipelineResult, 'pipeline' | 'timings'>): void {
    this.#latency.observe({ pipeline }, timings.totalUs / 1e6);
    this.#inference.observe({ pipeline }, timings.inferUs / 1e6);
  }

  /** The text of a scrape, and its media type. */
  async scrape(health: HealthBody): Promise<{ readonly type: string; readonly text: string }> {
    for (const gauge of this.#gauges.values()) gauge.reset();
    for (const counter of this.#counters.values()) counter.reset();
    this.#edge(health);
    for (const sensor of health.sensors) this.#sensor(sensor);
    for (const pipeline of health.pipelines) this.#pipeline(pipeline);
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #edge({ status, uptime_s, clock_steps, memory, event_loop, mqtt, workers, alerts }: HealthBody): void {
    this.#set('whorl_ready', 'Whether the edge is ready: 1, or 0', status === 'ready' ? 1 : 0);
    this.#set('whorl_uptime_seconds', 'Since the start', uptime_s);
    this.#count('whorl_clock', 'wall clock', { steps: clock_steps }, {});
    this.#set('whorl_resident_memory_bytes', 'Resident set of the process', memory.rss_bytes);
    this.#set('whorl_heap_bytes', 'JavaScript heap in use', memory.heap_bytes);
    for (const [name, quantile] of [
      ['p50', '0.5'],
      ['p95', '0.95'],
      ['p99', '0.99'],
      ['max', '1'],
    ] as const)
      this.#set('whorl_event_loop_delay_seconds', 'How late timers were', event_loop[name] / 1e6, {
        quantile,
      });
    this.#set('whorl_mqtt_connected', 'Whether there is a broker: 1, or 0', mqtt.connected ? 1 : 0);
    this.#set('whorl_mqtt_waiting_messages', 'Kept for the broker, or on their way', mqtt.waiting_messages);
    this.#set('whorl_mqtt_waiting_bytes', 'Not taken by the network yet', mqtt.waiting_bytes);
    this.#count('whorl_mqtt', 'publisher', mqtt.counters, {});
    this.#set('whorl_workers_up', 'Inference threads that run', workers.up);
    this.#count('whorl_workers', 'inference workers', workers.counters, {});
    this.#set('whorl_alerts', 'Alerts that stand', alerts.length);
    for (const alert of alerts) this.#set('whorl_alert', 'An alert that stands: 1', 1, { alert });
  }

  #sensor({ sensor, status, counters, clock }: HealthBody['sensors'][number]): void {
    const labels = { sensor };
    this.#set(
      'whorl_sensor_online',
      'Whether the sensor is online: 1, or 0',
      status === 'online' ? 1 : 0,
      labels,
    );
    this.#count('whorl_sensor', 'sensor', counters, labels);
    if (clock === undefined) return;
    this.#set(
      'whorl_sensor_clock_skew_ratio',
      'How much faster host time runs',
      clock.skew_ppm / 1e6,
      labels,
    );
    if (clock.bound_us !== undefined)
      this.#set(
        'whorl_sensor_clock_bound_seconds',
        'Bound on the error of times',
        clock.bound_us / 1e6,
        labels,
      );
  }

  #pipeline(health: HealthBody['pipelines'][number]): void {
    const { pipeline, state, waiting, shed_level: shedLevel, windows, events, model } = health;
    const labels = { pipeline };
    this.#set(
      'whorl_pipeline_running',
      'Whether the pipeline runs: 1, or 0',
      state === 'running' ? 1 : 0,
      labels,
    );
    this.#set('whorl_pipeline_waiting_windows', 'Windows that wait for an answer', waiting, labels);
    this.#set(
      'whorl_pipeline_shed_level',
      'What is left out for overload: 0 nothing, 1 models on trial, 2 early answers, 3 all windows but the newest',
      shedLevel,
      labels,
    );
    this.#count('whorl_pipeline_windows', 'windows', windows, labels);
    this.#count('whorl_pipeline_events', 'events of windows', events, labels);
    if (model === null) return;
    const { id, version, sha256, backend } = model;
    this.#set('whorl_pipeline_model_info', 'The model in use: 1', 1, {
      pipeline,
      id,
      version,
      sha256,
      backend,
    });
  }

  #set(name: string, help: string, value: number, labels: Labels = {}): void {
    const gauge =
      this.#gauges.get(name) ??
      new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
    this.#gauges.set(name, gauge);
    gauge.set(labels, value);
  }

  /** Each counter of a part: `<prefix>_<name>_total`, where the name does not say it already. */
  #count(prefix: string, what: string, counters: Readonly<Record<string, number>>, labels: Labels): void {
    for (const [counted, value] of Object.entries(counters)) {
      const [family, reason] = reasonOf(counted);
      const name = `${prefix}_${family}_total`;
      const all = reason === undefined ? labels : { ...labels, reason };
      const counter =
        this.#counters.get(name) ??
        new Counter({
          name,
          help: `Of ${what}, since the start: ${family.replace(/_/g, ' ')}`,
          labelNames: Object.keys(all),
          registers: [this.#registry],
        });
      this.#counters.set(name, counter);
      counter.inc(all, value);
    }
  }

  #histogram(name: string, help: string): Histogram {
    return new Histogram({
      ...{ name, help, labelNames: ['pipeline'], buckets: LATENCY_BUCKETS },
      registers: [this.#registry],
    });
  }
}

/** `discarded_crc` is what was discarded for the reason `crc`. */
function reasonOf(name: string): [family: string, reason: string | undefined] {
  const at = name.indexOf('_');
  const group = SAID[name.slice(0, at)];
  return group === undefined ? [name, undefined] : [group, name.slice(at + 1)];
}

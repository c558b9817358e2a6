/** Sensors whose cables are pulled at random, in simulated time, while others are not to notice. */
import { seededRandom } from '../../models/index.js';
import { waitingWindows } from '../../runtime/edge/inputs.js';
import type { PipelineResult } from '../../runtime/inference/index.js';
import { type Cleanup, withCleanup } from './cleanup.js';
import { type Figures, rounded } from './promises.js';
import type { PulledSensor } from './pulled-sensor.js';
import { SimulatedEdge, tickMs, windowMs } from './simulated-edge.js';

export interface UnplugTerms {
  /** Simulated. */
  readonly minutes: number;
  readonly seed: number;
  readonly progress?: (line: string) => void;
}

const pulled = ['thumb', 'index', 'middle', 'ring'];
const steady = ['palm', 'wrist'];
/** A pipeline for each sensor, and one that hears a sensor that is pulled and one that is not. */
const pipelines = {
  ...Object.fromEntries([...pulled, ...steady].map((name) => [name, [name]])),
  pair: ['thumb', 'palm'],
};
/** Time at the end without pulls: longer than the longest outage (8 s) and the longest pause between attempts together. */
const calmMs = 20_000;

/** Resolves to what became of all events and windows. */
export function unplugDrill(terms: UnplugTerms): Promise<Figures> {
  return withCleanup((cleanup) => drill(terms, cleanup));
}

async function drill({ minutes, seed, progress }: UnplugTerms, cleanup: Cleanup): Promise<Figures> {
  const beganMs = performance.now();
  const heard = new Map<string, PipelineResult['window'][]>(Object.keys(pipelines).map((name) => [name, []]));
  const edge = await SimulatedEdge.start(
    {
      ...{ sensors: [...pulled, ...steady], pipelines, seed },
      onResult: (_, { pipeline, window }) => heard.get(pipeline)!.push(window),
    },
    cleanup,
  );
  const cables = pulled.map((name, i) => new Cable(edge, name, seededRandom(1000 * seed + i), heard));
  for (let atMs = 0; atMs < minutes * 60_000; atMs += tickMs) {
    for (const cable of cables) await cable.move(atMs, atMs < minutes * 60_000 - calmMs);
    await edge.tick();
    if (atMs % 60_000 === 0 && atMs > 0) progress?.(`${atMs / 60_000} of ${minutes} minutes`);
  }
  const sum = (of: (cable: Cable) => number): number => cables.reduce((all, cable) => all + of(cable), 0);
  const events = eventsOf(edge);
  const counted = sum(({ eventsCounted }) => eventsCounted);
  const counters = [...edge.daemon.pipelines.values()].map((pipeline) => pipeline.counters);
  return {
    pulls: sum(({ pulls }) => pulls),
    pulls_counted: sum(({ pullsCounted }) => pullsCounted),
    recovered: sum(({ recovered }) => recovered),
    windows: counters.reduce((all, { windows }) => all + windows, 0),
    windows_cut: counters.reduce((all, { cut }) => all + cut, 0),
    windows_lost: counters.reduce((all, one) => all + one.windows - one.answered - one.cut, 0),
    windows_lost_of_others: lostOfOthers(heard, minutes),
    events_sent: events.sent,
    events_received: events.received,
    events_counted_lost: counted,
    uncounted: events.sent - events.received - counted,
    waiting: counters.reduce((all, one) => all + waitingWindows(one), 0),
    simulated_min: minutes,
    seconds: rounded((performance.now() - beganMs) / 1000, 1),
  };
}

function eventsOf({ sensors, daemon }: SimulatedEdge): { sent: number; received: number } {
  const sent = [...sensors.values()].reduce((all, { eventsSent }) => all + eventsSent, 0);
  const received = [...daemon.inputs.values()].reduce((all, { sensor }) => all + sensor.counters.events, 0);
  return { sent, received };
}

/** Of sensors that are not pulled every window must be answered, whole; of the pair every window. */
function lostOfOthers(
  heard: ReadonlyMap<string, readonly PipelineResult['window'][]>,
  minutes: number,
): number {
  // The last window is still open, and the sensors began a moment after the edge.
  const due = Math.floor((minutes * 60_000) / windowMs) - 2;
  let lost = 0;
  for (const name of [...steady, 'pair']) {
    const windows = heard.get(name)!;
    const numbers = new Set(windows.map(({ index }) => index));
    for (let index = 0; index < due; index++) if (!numbers.has(index)) lost++;
    // The first one began before its sensor was online.
    if (name !== 'pair') lost += windows.filter(({ index, complete }) => index > 0 && !complete).length;
  }
  return lost;
}

/** The cable of one sensor: pulled and plugged in again by chance, and what its counters say of that. */
class Cable {
  pulls = 0;
  recovered = 0;
  /** Events that were lost with the cable, of which the counters of the sensor know. */
  eventsCounted = 0;
  /** What is due next, and when. */
  private next: 'pull' | 'plug' | 'recovery' = 'pull';
  private atMs: number;
  private before = { framesLost: 0, partial: 0, answers: 0 };

  constructor(
    private readonly edge: SimulatedEdge,
    private readonly name: string,
    private readonly random: () => number,
    private readonly heard: ReadonlyMap<string, readonly unknown[]>,
  ) {
    this.atMs = this.between(1000, 10_000);
  }

  /** Times that the session of the sensor knows its link to have ended. */
  get pullsCounted(): number {
    const { broken, probedDead } = this.counters;
    return broken + probedDead;
  }

  async move(nowMs: number, mayPull: boolean): Promise<void> {
    if (this.next === 'recovery') {
      if (this.answers > this.before.answers) this.recover(nowMs);
    } else if (nowMs < this.atMs) return;
    else if (this.next === 'plug') {
      this.sensor.plug();
      this.before.answers = this.answers;
      this.next = 'recovery';
    } else if (mayPull) {
      this.before = {
        framesLost: this.counters.framesLost,
        partial: this.counters.discarded.partial,
        answers: 0,
      };
      this.pulls++;
      await this.sensor.pull(this.random() < 0.5 ? 'talks' : 'reboots', this.edge.settle);
      this.next = 'plug';
      this.atMs = nowMs + this.between(50, 8000);
    }
  }

  /** The first answer since it was plugged in: by now the counters must know what was lost. */
  private recover(nowMs: number): void {
    const { framesLost, discarded } = this.counters;
    const { manner, frames, events } = this.sensor.outage;
    const isCounted =
      manner === 'talks'
        ? framesLost - this.before.framesLost === frames
        : framesLost === this.before.framesLost && discarded.partial > this.before.partial;
    if (isCounted) this.eventsCounted += events;
    this.recovered++;
    this.next = 'pull';
    this.atMs = nowMs + this.between(0, 10_000);
  }

  private get sensor(): PulledSensor {
    return this.edge.sensors.get(this.name)!;
  }

  private get counters() {
    return this.edge.daemon.inputs.get(this.name)!.sensor.counters;
  }

  private get answers(): number {
    return this.heard.get(this.name)!.length;
  }

  private between(leastMs: number, mostMs: number): number {
    return leastMs + this.random() * (mostMs - leastMs);
  }
}

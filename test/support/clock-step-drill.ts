/** A wall clock that is set again and again while touch is going on, in simulated time, compared with one that is not. */
import { seededRandom } from '../../models/index.js';
import type { ResultBody } from '../../runtime/publish/index.js';
import { type Cleanup, withCleanup } from './cleanup.js';
import { MqttSpy } from './mqtt-spy.js';
import type { Figures } from './promises.js';
import { SimulatedEdge, tickMs, windowMs } from './simulated-edge.js';

const pipelines = { finger: ['finger'], hand: ['finger', 'thumb'] };
const hourUs = 3_600_000_000;
/** How far the clock is set, in turn. */
const stepsUs = [hourUs, -hourUs, -24 * hourUs, 24 * hourUs];
/** Simulated time from one step to the next, at least and at most: a look of health lies between. */
const [leastMs, mostMs] = [1500, 4000];
/** A result may be so old, and its moments so far from now: much more than anything takes here, much less than a step. */
const toleranceUs = 1_000_000;

/** What a run has said. */
interface Run {
  /** What results say of touch, in order: all but times. */
  readonly answers: readonly string[];
  /** Windows that got no answer, twice an answer, or one out of order. */
  readonly lost: number;
  readonly badLatency: number;
  readonly badTimes: number;
  /** Steps that health has counted, as published, and warnings in the log. */
  readonly counted: number;
  readonly warned: number;
}

/** Resolves to what became of `steps` steps; `changed_answers` counts what differs from the same touch without them. */
export async function clockStepDrill(steps: number, seed: number): Promise<Figures> {
  const moments = stepMoments(steps, seed);
  const still = await withCleanup((cleanup) => run(moments, seed, 0, cleanup));
  const moved = await withCleanup((cleanup) => run(moments, seed, 1, cleanup));
  const changed = moved.answers.filter((answer, i) => answer !== still.answers[i]).length;
  return {
    ...{ steps, noticed: moved.counted, warned: moved.warned, noticed_without: still.counted },
    ...{ windows: moved.answers.length, lost: moved.lost + still.lost },
    changed_answers: changed + Math.abs(moved.answers.length - still.answers.length),
    ...{ bad_latency: moved.badLatency, bad_times: moved.badTimes },
  };
}

/** Simulated milliseconds at which the clock is set. */
function stepMoments(steps: number, seed: number): number[] {
  const random = seededRandom(seed);
  const moments: number[] = [];
  for (let atMs = 0; moments.length < steps; moments.push(atMs))
    atMs += tickMs * Math.round((leastMs + random() * (mostMs - leastMs)) / tickMs);
  return moments;
}

/** @param factor of the steps: 0 is a clock that is not set */
async function run(moments: readonly number[], seed: number, factor: number, cleanup: Cleanup): Promise<Run> {
  const bodies: ResultBody[] = [];
  let badTimes = 0;
  const edge = await SimulatedEdge.start(
    {
      ...{ sensors: ['finger', 'thumb'], pipelines, seed },
      onResult: (body) => {
        bodies.push(body);
        if (!isOfNow(body, edge.clock.nowUs())) badTimes++;
      },
    },
    cleanup,
  );
  const { daemon, clock } = edge;
  const robot = await MqttSpy.connect(cleanup, daemon.brokerUrl, `${daemon.topic}/health`);
  const endMs = moments.at(-1)! + mostMs;
  let set = 0;
  for (let atMs = 0; atMs < endMs; atMs += tickMs) {
    if (moments[set] === atMs) clock.wallOffsetUs += factor * stepsUs[set++ % stepsUs.length]!;
    await edge.tick();
  }
  const counted = factor * moments.length;
  await robot.next(({ json }) => json['clock_steps'] === counted, `health with ${counted} steps`);
  return {
    answers: bodies.map(answerOf),
    lost: Object.keys(pipelines).reduce((all, name) => all + lostOf(name, bodies, endMs), 0),
    badLatency: bodies.filter(isBadLatency).length,
    badTimes,
    counted: Number(robot.seen.at(-1)!.json['clock_steps']),
    warned: edge.lines.filter(({ level, facts }) => level === 'warn' && 'stepS' in facts).length,
  };
}

function answerOf({ t: _, latency_us: __, age_us: ___, ...answer }: ResultBody): string {
  return JSON.stringify(answer);
}

/** Whether a result that has just been made speaks of now, by the wall clock. */
function isOfNow({ t }: ResultBody, nowUs: number): boolean {
  const { event_first_us, event_last_us, decision_us } = t;
  return (
    event_first_us <= event_last_us &&
    [event_first_us, event_last_us, decision_us].every((us) => Math.abs(us - nowUs) < toleranceUs)
  );
}

function isBadLatency({ latency_us, age_us }: ResultBody): boolean {
  return ![...Object.values(latency_us), age_us].every((us) => us >= 0 && us < toleranceUs);
}

/** The answers of a pipeline must be those of the windows 0, 1, 2 ...; the last two may be open still. */
function lostOf(name: string, bodies: readonly ResultBody[], endMs: number): number {
  const found = bodies.filter(({ pipeline }) => pipeline === name);
  const misplaced = found.filter(({ window }, i) => window !== i).length;
  return misplaced + Math.max(0, Math.floor(endMs / windowMs) - 2 - found.length);
}

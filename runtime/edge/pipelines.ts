/** Which of the configured pipelines can run, and why the others cannot. Pure. */
import type { Config, PipelineConfig } from '../config/index.js';
import type { SensorPlan } from '../sensors.js';

/** A pipeline that can be started. */
export interface PipelinePlan {
  readonly name: string;
  readonly config: PipelineConfig;
  /** Taxels of each of its sensors. */
  readonly taxels: number;
  /** Windows that may wait; a pipeline that hears recordings alone drops none. */
  readonly queueLimit: number;
  /** It hears recordings alone, which wait for every answer. */
  readonly lossless: boolean;
}

export interface PipelinePlans {
  readonly ready: readonly PipelinePlan[];
  /** Pipelines that should run and cannot: name -> what is wrong and what to do. */
  readonly refused: ReadonlyMap<string, string>;
  /** Pipelines that are not wanted: name -> why. */
  readonly off: ReadonlyMap<string, string>;
}

/** Of recordings so much is kept waiting at most: they are halted long before, but only between two chunks. */
const losslessQueue = 65_536;

/** @param sensors those that are enabled */
export function planPipelines(config: Config, sensors: readonly SensorPlan[]): PipelinePlans {
  const ready: PipelinePlan[] = [];
  const refused = new Map<string, string>();
  const off = new Map<string, string>();
  for (const [name, pipeline] of Object.entries(config.pipelines)) {
    const heard = pipeline.sensors.map((sensor) => sensors.find((plan) => plan.name === sensor));
    const absent = pipeline.sensors.find((_, i) => heard[i] === undefined);
    if (!pipeline.enabled) off.set(name, 'disabled');
    else if (absent !== undefined) off.set(name, `its sensor ${absent} is disabled`);
    else {
      const plan = planPipeline(name, pipeline, heard as SensorPlan[]);
      if (typeof plan === 'string') refused.set(name, plan);
      else ready.push(plan);
    }
  }
  return { ready, refused, off };
}

/** The plan, or why there is none. */
function planPipeline(
  name: string,
  config: PipelineConfig,
  sensors: readonly SensorPlan[],
): PipelinePlan | string {
  const [first] = sensors;
  const taxels = first!.geometry.taxels.length;
  const other = sensors.find(({ geometry }) => geometry.taxels.length !== taxels);
  if (other !== undefined) {
    return `its sensors have different numbers of taxels (${first!.name} ${taxels}, ${other.name} ${other.geometry.taxels.length}): give each kind of sensor a pipeline of its own`;
  }
  const lossless = sensors.every((sensor) => sensor.lossless);
  const queueLimit = lossless ? losslessQueue : config.queueLimit;
  return { name, config, taxels, queueLimit, lossless };
}

/** What `whorl ctl` can ask of an edge, for its help page and its patience. The edge itself says more: `whorl ctl help`. */

export interface Verb {
  readonly name: string;
  readonly example: string;
  readonly about: string;
  /** Longest that the edge may take, in seconds; the usual time when left out. */
  readonly seconds?: number;
}

export const verbs: readonly Verb[] = [
  { name: 'help', example: 'help', about: 'what the edge can be told, with the keys of each command' },
  { name: 'ping', example: 'ping', about: 'whether it hears, and since when it runs' },
  { name: 'status', example: 'status', about: 'how the edge, its sensors and its pipelines are' },
  { name: 'trigger', example: 'trigger pipeline=on-command', about: 'opens a window now' },
  { name: 'options', example: 'options', about: 'keys that can be set while it runs, with their ranges' },
  {
    name: 'options',
    example: `options 'set={"pipelines.grip.minConfidence": 0.7}' save=true`,
    about: 'set some, all or none; without save until the next reload or restart',
  },
  { name: 'reload', example: 'reload', about: 'read the configuration file again' },
  { name: 'log-level', example: 'log-level level=debug', about: 'until the next reload or restart' },
  { name: 'models', example: 'models', about: 'versions in the model store, and what each pipeline runs' },
  model('model-stage', 'file=grasp.safetensors', 'take a file of models.incoming into the store'),
  model('model-activate', 'pipeline=grip model=grasp@2', 'have it serve from the next window on'),
  model('model-rollback', 'pipeline=grip', 'back to the version that served before'),
  model('model-shadow', 'pipeline=grip model=grasp@2', 'try it beside the one that serves'),
  model('model-verify', 'model=grasp@2', 'whether it is what it was when it was added'),
  model('model-remove', 'model=grasp@1', 'remove what serves nowhere'),
  { name: 'record-start', example: 'record-start sensor=mat', about: 'record a sensor, or all' },
  { name: 'record-stop', example: 'record-stop', about: 'end recording, and see the files' },
  { name: 'sensor-stop', example: 'sensor-stop sensor=mat', about: 'close its port' },
  { name: 'sensor-start', example: 'sensor-start sensor=mat', about: 'open it again' },
  {
    name: 'sensor-calibrate',
    example: 'sensor-calibrate sensor=mat seconds=5',
    about: 'measure rest while nothing touches it',
    seconds: 62,
  },
  { name: 'shutdown', example: 'shutdown', about: 'end it, where commands.shutdown lets you' },
];

/** Loading a model, and trying it, may take minutes on a small machine. */
function model(name: string, keys: string, about: string): Verb {
  return { name, example: `${name} ${keys}`, about, seconds: 662 };
}

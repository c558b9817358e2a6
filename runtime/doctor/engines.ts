/** Which engines and modes this machine can run, and whether those that are configured are among them. */
import { type Engine, engines } from '../../models/index.js';
import type { Config } from '../config/index.js';
import { type Finding, findingsOf, messageOf } from './finding.js';

const { ok, warn, fail } = findingsOf('engines');

/** Mode -> why it cannot run here; undefined: it can. */
type Modes = ReadonlyMap<string, string | undefined>;

export async function checkEngines(config: Config, all: readonly Engine[] = engines): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const engine of all) {
    const modes = await modesOf(engine);
    findings.push(available(engine.name, modes));
    for (const [pipeline, { engine: wanted, enabled }] of Object.entries(config.pipelines)) {
      if (!enabled || wanted.name !== engine.name) continue;
      const missing = lacking(engine.name, wanted.mode, modes);
      if (missing !== undefined)
        findings.push(
          fail(`pipeline ${pipeline} wants ${missing.what}: ${missing.why}`, remedyFor(pipeline)),
        );
    }
  }
  return findings;
}

async function modesOf(engine: Engine): Promise<Modes> {
  const modes = new Map<string, string | undefined>();
  for (const mode of engine.modes) modes.set(mode, await engine.unavailable(mode).catch(messageOf));
  return modes;
}

function available(name: string, modes: Modes): Finding {
  const can = [...modes].filter(([, why]) => why === undefined).map(([mode]) => mode);
  const cannot = [...modes].filter(([, why]) => why !== undefined).map(([mode, why]) => `${mode} (${why})`);
  const not = cannot.length === 0 ? '' : `; not ${cannot.join('; ')}`;
  if (can.length === 0)
    return warn(`${name} runs in no mode${not}`, 'use another engine, or what the reasons say');
  return ok(`${name} runs: ${can.join(', ')}${not}`);
}

/** What a pipeline wants and this machine cannot. */
function lacking(
  engine: string,
  mode: string | undefined,
  modes: Modes,
): { readonly what: string; readonly why: string } | undefined {
  if (mode === undefined)
    return [...modes.values()].includes(undefined)
      ? undefined
      : { what: engine, why: 'it runs in no mode here' };
  if (!modes.has(mode))
    return {
      what: `${engine} ${mode}`,
      why: `there is no such mode; there are ${[...modes.keys()].join(', ')}`,
    };
  const why = modes.get(mode);
  return why === undefined ? undefined : { what: `${engine} ${mode}`, why };
}

function remedyFor(pipeline: string): string {
  return `install what it names, or set pipelines.${pipeline}.engine to an engine and mode that run here`;
}

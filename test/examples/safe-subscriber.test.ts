/** The two example subscribers: both do the same in every case, and both understand a daemon. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, type TestContext, test } from 'node:test';
import { configOf, makeDaemon } from '../support/daemon.js';
import { root as checkout } from '../support/paths.js';
import { findProgram, needs } from '../support/programs.js';
import { listen, TouchListener } from './safe-subscriber.js';

const folder = join(checkout, 'test', 'examples');
/** The first python3 that has paho: Debian's packages belong to Debian's own python, which need not be the first. */
const pythons = [findProgram('python3'), '/usr/bin/python3'].filter(
  (path) => path !== undefined && existsSync(path),
);
const python = pythons.find((path) => hasPaho(path!)) ?? pythons[0];

type Step = { readonly at: number } & (
  | { readonly connected: boolean }
  | { readonly topic: string; readonly retain: boolean; readonly message: unknown }
  | { readonly touch: string }
  | { readonly blind: string }
);

const { root, pipeline, cases } = JSON.parse(
  readFileSync(join(folder, 'safe-subscriber.cases.json'), 'utf8'),
) as {
  root: string;
  pipeline: string;
  cases: { name: string; silenceMs?: number; steps: Step[] }[];
};

/** What a listener says at the steps that ask it. */
function answers({ silenceMs, steps }: (typeof cases)[number]): (string | undefined)[] {
  const listener = new TouchListener(root, pipeline, silenceMs ?? Number.POSITIVE_INFINITY);
  return steps.flatMap((step) => {
    if ('connected' in step) listener.connected(step.connected);
    else if ('topic' in step)
      listener.receive(`${root}/${step.topic}`, JSON.stringify(step.message), step.retain, step.at);
    else {
      const touch = listener.touch(step.at);
      return [touch === undefined ? `no touch: ${listener.blind(step.at)}` : touch.label];
    }
    return [];
  });
}

function expected({ steps }: (typeof cases)[number]): string[] {
  return steps.flatMap((step) =>
    'touch' in step ? [step.touch] : 'blind' in step ? [`no touch: ${step.blind}`] : [],
  );
}

describe('the TypeScript subscriber', () => {
  for (const item of cases) test(item.name, () => assert.deepEqual(answers(item), expected(item)));

  test('refuses what is no message, and goes on', () => {
    const listener = new TouchListener(root, pipeline);
    for (const text of ['', '{', 'null', '7'])
      assert.throws(() => listener.receive(`${root}/pipeline/${pipeline}/decision`, text, false, 0), text);
  });
});

/** Does in Python what `answers` does here, for all cases at once. */
const runner = `
import json, sys
sys.path.insert(0, sys.argv[1])
from safe_subscriber import TouchListener
data = json.load(open(sys.argv[1] + "/safe-subscriber.cases.json"))
for case in data["cases"]:
    listener = TouchListener(data["root"], data["pipeline"], case.get("silenceMs", float("inf")))
    said = []
    for step in case["steps"]:
        at = step["at"]
        if "connected" in step:
            listener.connected(step["connected"])
        elif "topic" in step:
            topic = data["root"] + "/" + step["topic"]
            listener.receive(topic, json.dumps(step["message"]), step["retain"], at)
        else:
            label = listener.touch(at)
            said.append(label if label is not None else f"no touch: {listener.blind(at)}")
    print(json.dumps(said))
`;

describe('the Python subscriber', { skip: needs('python3') }, () => {
  test('does the same in every case', () => {
    const said = execFileSync(python!, ['-B', '-c', runner, folder], { encoding: 'utf8' });
    assert.deepEqual(
      said
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      cases.map(expected),
    );
  });
});

describe('a daemon whose decisions hold for long', { timeout: 30_000 }, () => {
  const config = configOf({
    sensors: { finger: { transport: { kind: 'simulator', contacts: ['press'], speed: 10 } } },
    pipelines: { touch: { sensors: ['finger'], model: 'demo', validMs: 20_000, minConfidence: 0 } },
  });
  const { daemon } = makeDaemon({ after } as TestContext, config);
  before(() => daemon.start());

  test('is understood by the Python subscriber', { skip: needsPaho() }, async (t) => {
    const { port } = new URL(daemon.brokerUrl);
    const script = join(folder, 'safe_subscriber.py');
    const robot = spawn(python!, ['-B', script, '127.0.0.1', port, daemon.topic, 'touch']);
    t.after(() => robot.kill('SIGKILL'));
    let complaints = '';
    robot.stderr.on('data', (text) => (complaints += String(text)));
    for await (const line of createInterface(robot.stdout)) if (!line.startsWith('no touch')) break;
    assert.equal(complaints, '');
  });

  test('is understood by the TypeScript subscriber, and its end too', async (t) => {
    const listener = new TouchListener(daemon.topic, 'touch');
    const client = listen(daemon.brokerUrl, listener);
    t.after(() => client.end(true));
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(() => listener.touch(performance.now()) !== undefined);
    assert.equal(typeof listener.touch(performance.now())!.label, 'string');
    await daemon.stop();
    await until(() => listener.touch(performance.now()) === undefined);
    assert.match(listener.blind(performance.now())!, /no broker|the edge is offline/);
  });
});

/** `false` when python3 has paho, else the reason to skip. */
function needsPaho(): false | string {
  if (python === undefined) return needs('python3');
  return hasPaho(python) ? false : 'needs paho-mqtt for python3 (Debian: apt install python3-paho-mqtt)';
}

function hasPaho(path: string): boolean {
  try {
    execFileSync(path, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

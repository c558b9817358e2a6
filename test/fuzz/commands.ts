/**
 * The commands of an edge, fed with spoiled ones. Promised: each message on a command topic is answered exactly once, where
 * answers may go, with an answer that holds its schema; nothing is thrown; nothing takes long.
 */
import { Random } from '../../devices/simulator/random.js';
import type { IncomingMessage } from '../../runtime/publish/link.js';
import { responseSchema } from '../../runtime/publish/messages/response.js';
import { busyEdge } from '../support/busy-edge.js';
import { integer } from '../support/driver-kinds.js';
import { settle } from '../support/fake-publisher.js';
import { spoilBytes, spoilText, spoilValue } from '../support/mutations.js';
import { type FuzzOptions, type FuzzTarget, feedAll } from './fuzz.js';

export const fuzz: FuzzTarget = {
  name: 'commands',
  about: 'the commands of an edge with spoiled ones',
  inputs: 1_000_000,
  run,
};

const answerSchema = responseSchema.omit({ schema: true, session: true, seq: true, edge: true, t: true });
/** Longer than any command may take. */
const longMs = 1_000_000;

/** What an operator would send. */
const whole: readonly (readonly [name: string, body: object])[] = [
  ['status', {}],
  ['help', {}],
  ['trigger', { pipeline: 'touch' }],
  ['log-level', { level: 'debug' }],
  ['record-start', { sensor: 'mat' }],
  ['record-stop', {}],
  ['sensor-stop', { sensor: 'mat' }],
  ['sensor-start', { sensor: 'mat' }],
  ['sensor-calibrate', { sensor: 'mat', seconds: 1 }],
  ['model-activate', { pipeline: 'touch', model: 'grasp@2' }],
  ['model-stage', { url: 'https://models.example/grasp', sha256: 'a'.repeat(64) }],
  ['model-upload', { upload: 'u1', offset: 0, bytes: 9, sha256: 'a'.repeat(64), data: 'AAAA' }],
  ['model-verify', { model: 'grasp@2' }],
  ['models', {}],
  ['shutdown', {}],
  ['nosuch', { transaction: 'x' }],
];

async function run(options: FuzzOptions): Promise<Record<string, number>> {
  const edge = busyEdge();
  const counts = { ok: 0, error: 0 };
  const feed = async (seed: number, again: boolean): Promise<void> => {
    const message = aMessage(new Random(seed), edge.root);
    edge.answers.length = 0;
    edge.commands.receive(message);
    await settle();
    if (edge.answers.length === 0) {
      edge.clock.advance(longMs);
      await settle();
    }
    if (edge.answers.length !== 1) throw new Error(`${edge.answers.length} answers`);
    const { topic, body } = edge.answers[0]!;
    if (!edge.topics.allowsReply(topic)) throw new Error(`an answer to ${topic}`);
    const checked = answerSchema.parse(JSON.parse(JSON.stringify(body)));
    if (checked.status === 'error' && !checked.error?.message) throw new Error('an error without a word');
    if (checked.error?.code === 'internal') throw new Error('a command failed inside');
    if (!again) counts[checked.status]++;
  };
  const fed = await feedAll(options, feed);
  return { ...fed, ...counts, rss_mb: Math.round(process.memoryUsage().rss / 2 ** 20) };
}

function aMessage(random: Random, root: string): IncomingMessage {
  const [name, body] = random.pick(whole);
  const what = random.next();
  const full =
    random.next() < 0.5 ? body : { ...body, transaction: `t${integer(random, 0, 9)}`, expires_us: 9e15 };
  const text = JSON.stringify(what < 0.6 ? spoilValue(full, random) : full) ?? '';
  const payload = Buffer.from(what > 0.5 && what < 0.8 ? spoilText(text, random) : text);
  const reply = random.pick([
    'tactile/reply/me',
    `${root}/resp/x`,
    `${root}/cmd/ping`,
    'tactile/reply/#',
    '',
    '$SYS',
  ]);
  return {
    topic: `${root}/cmd/${random.next() < 0.9 ? name : spoilText(name, random)}`,
    payload: what > 0.8 && what < 0.9 ? spoilBytes(payload, random) : payload,
    retain: random.next() < 0.05,
    ...(random.next() < 0.2 ? { expiryS: integer(random, 0, 3) } : {}),
    ...(random.next() < 0.3 ? { responseTopic: random.next() < 0.5 ? reply : spoilText(reply, random) } : {}),
    ...(random.next() < 0.3 ? { correlation: Buffer.from(text.slice(0, 8)) } : {}),
  };
}

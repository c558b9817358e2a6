import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type Answer, DELIVERY, type Kind, resultBody } from '../../../../runtime/publish/index.js';
import { RESPONSE } from '../../../../runtime/publish/messages/catalog.js';
import { stampBody } from '../../../../runtime/publish/messages/envelope.js';
import { answer, bodies } from '../../../support/bodies.js';
import { root } from '../../../support/paths.js';

const ajv = new Ajv2020({ allErrors: true });
const stamp = {
  session: 'b7f1c2d0',
  seq: 48_211,
  edge: 'grip-left',
  publish_us: 1_784_177_470_668_400,
  mono_us: 918_273_645_012,
};
const kinds = Object.keys(bodies) as Kind[];

/** Validator of a committed schema file; `closed` refuses fields that the schema does not name. */
function validator(name: string, closed: boolean): ValidateFunction {
  const schema = JSON.parse(
    readFileSync(join(root, 'runtime', 'schemas', `${name}.schema.json`), 'utf8'),
  ) as object;
  return ajv.compile(closed ? { ...(close(schema) as object), $id: `${name}-closed` } : schema);
}

function close(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(close);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, close(value)]));
  return 'properties' in copy && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy;
}

function sent(kind: Kind, body: object = bodies[kind]): object {
  return JSON.parse(JSON.stringify(stampBody(DELIVERY[kind].schema, body, stamp))) as object;
}

for (const kind of kinds) {
  test(`${kind}: what is built holds the committed schema, and has no field beyond it`, () => {
    for (const closed of [true, false]) {
      const validate = closed
        ? validator(kind, true)
        : (ajv.getSchema(`urn:tactile:${kind}:1.0`) ?? validator(kind, false));
      assert.ok(validate(sent(kind)), ajv.errorsText(validate.errors));
      if (!closed)
        assert.ok(validate({ ...sent(kind), later: 1 }), 'readers must ignore fields they do not know');
      for (const field of ['session', 'edge', 'schema'])
        assert.equal(validate({ ...sent(kind), [field]: '?!' }), false, `${field} is not checked`);
    }
  });
}

test('the will, which can have neither number nor time, holds the schema of status', () => {
  const validate = ajv.getSchema('urn:tactile:status:1.0') ?? validator('status', false);
  assert.ok(validate({ schema: 'tactile.status/1.0', session: 'b7f1c2d0', edge: 'e', status: 'lost' }));
  assert.equal(
    validate({ schema: 'tactile.status/1.0', session: 'b7f1c2d0', edge: 'e', status: 'gone' }),
    false,
  );
});

test('answers to commands hold their schema', () => {
  const validate = validator('resp', true);
  const refused = {
    command: 'x',
    transaction: '1',
    status: 'error',
    error: { code: 'busy', message: 'later' },
  };
  for (const body of [refused, { command: 'x', status: 'ok', data: [1] }])
    assert.ok(
      validate(JSON.parse(JSON.stringify(stampBody(RESPONSE.schema, body, stamp)))),
      ajv.errorsText(validate.errors),
    );
});

test('QoS, retain and expiry are those of the topic tree', () => {
  const table = Object.entries({ ...DELIVERY, resp: RESPONSE }).map(
    ([kind, { qos, retain, expiryS, offline }]) =>
      [kind, `${retain ? 'R' : '-'} Q${qos}`, expiryS ?? '-', offline].join(' '),
  );
  assert.deepEqual(table, [
    'status R Q1 - latest',
    'info R Q1 - latest',
    'sensor-status R Q1 - latest',
    'result - Q0 1 drop',
    'decision - Q1 2 fresh',
    'state R Q1 10 latest',
    'heartbeat - Q0 1 drop',
    'model R Q1 - latest',
    'health - Q0 30 drop',
    'alert R Q1 - latest',
    'event - Q1 60 fresh',
    'shadow - Q0 1 drop',
    'resp - Q1 10 fresh',
  ]);
});

test('a result of three classes has at most 750 bytes', () => {
  const size = JSON.stringify(sent('result', resultBody(answer, { minScore: 0, compact: false }))).length;
  assert.ok(size <= 750, `${size} bytes`);
  const compact = JSON.stringify(sent('result', resultBody(answer, { minScore: 0, compact: true }))).length;
  assert.ok(compact < size - 30, `${compact} bytes`);
});

test('the best class, its lead and the scores above the cut-off', () => {
  const body = resultBody(answer, { minScore: 0.05, compact: false });
  assert.equal(body.label, 'slip');
  assert.equal(body.label_id, 1);
  assert.equal(body.confidence, 0.91);
  assert.equal(body.margin, 0.84);
  assert.deepEqual(body.scores, { stable: 0.07, slip: 0.91 });
});

test('scores: of equal ones the first wins, the best is never left out, what is no number counts as 0', () => {
  const of = (scores: number[], minScore = 0): ReturnType<typeof resultBody> =>
    resultBody({ ...answer, scores }, { minScore, compact: false });
  assert.equal(of([0.4, 0.4, 0.2]).label, 'stable');
  assert.equal(of([0.4, 0.4, 0.2]).margin, 0);
  assert.deepEqual(of([0.2, 0.5, 0.3], 0.9).scores, { slip: 0.5 });
  assert.deepEqual(of([Number.NaN, -1, 1.5]).scores, { stable: 0, slip: 0, none: 1 });
  assert.throws(() => resultBody({ ...answer, labels: [] }, { minScore: 0, compact: true }), RangeError);
});

test('latencies are whole, not negative, and add up to their total', () => {
  const latencyUs: Answer['latencyUs'] = { ingest: 410.4, wait: -3, encode: 120.5, infer: 1800, post: 60 };
  const { latency_us } = resultBody({ ...answer, latencyUs }, { minScore: 0, compact: true });
  assert.deepEqual(latency_us, { ingest: 410, wait: 0, encode: 121, infer: 1800, post: 60, total: 2391 });
});

test('a decision takes over what the result says', () => {
  const { decision, state } = bodies;
  assert.equal(decision.id, '3127-24');
  assert.equal(decision.prev_label, 'stable');
  assert.equal(decision.valid_ms, 500);
  assert.deepEqual(decision.t, resultBody(answer, { minScore: 0, compact: true }).t);
  assert.equal(state.label, 'slip');
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type Bodies, DELIVERY, type Kind } from '../../runtime/publish/index.js';
import { stampBody } from '../../runtime/publish/messages/envelope.js';
import { root } from './paths.js';

const ajv = new Ajv2020({ allErrors: true });
const validators = new Map<string, ValidateFunction>();
const stamp = { session: 'b7f1c2d0', seq: 7, edge: 'left', publish_us: 1, mono_us: 1 };

function validatorOf(kind: string): ValidateFunction {
  const file = join(root, 'runtime', 'schemas', `${kind}.schema.json`);
  const validator = validators.get(kind) ?? ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  validators.set(kind, validator);
  return validator;
}

/** Fails when a message, as it came from the broker, does not hold the committed schema of its kind. */
export function assertMessage(kind: Kind | 'resp', message: unknown): void {
  const validate = validatorOf(kind);
  assert.ok(validate(message), `${kind}: ${ajv.errorsText(validate.errors)}`);
}

/** The same for a body, which is to be sent. */
export function assertBody<K extends Kind>(kind: K, body: Bodies[K]): void {
  assertMessage(kind, JSON.parse(JSON.stringify(stampBody(DELIVERY[kind].schema, body, stamp))));
}

/** The message `model`: which models a pipeline has, in which roles. */
import type { LoadedModel } from '../../inference/index.js';
import { type ModelBody, microjoules } from '../../publish/index.js';
import type { Holder, Slot } from '../../swap/index.js';
import { backendOf } from '../backend.js';
import { modelName } from '../model-name.js';

/** A model and since when it has its role, Unix time in microseconds. */
export interface Role {
  readonly model: LoadedModel;
  readonly sinceUs: number;
}

export type Roles = { readonly [R in 'active' | 'previous' | 'candidate' | 'shadow']?: Role | undefined };

/** Roles that are not given are empty. */
export function modelBody(pipeline: string, roles: Roles, minConfidence: number): ModelBody {
  const of = (role: Role | undefined): ModelBody['active'] =>
    role === undefined ? null : about(role, minConfidence);
  return {
    pipeline,
    active: of(roles.active),
    previous: of(roles.previous),
    candidate: of(roles.candidate),
    shadow: of(roles.shadow),
  };
}

/** Roles as a slot has them; a version that has not been loaded since the start is not known well enough to be named. */
export function rolesOf({ active, previous, shadow, trial }: Slot): Roles {
  return {
    active: roleOf(active),
    previous: roleOf(previous),
    candidate: trial === undefined ? undefined : roleOf(active),
    shadow: roleOf(shadow),
  };
}

function roleOf(holder: Holder | undefined): Role | undefined {
  return holder?.model === undefined ? undefined : { model: holder.model, sinceUs: holder.sinceUs };
}

function about({ model, sinceUs }: Role, minConfidence: number): NonNullable<ModelBody['active']> {
  const { id, version, sha256, labels, input, parameters, equalShape } = model;
  return {
    id: modelName(id),
    version,
    sha256,
    backend: backendOf(model),
    labels: [...labels],
    input: { taxels: input.taxels, channels: input.channels, bins: input.bins, bin_us: input.binUs },
    parameters,
    equal_shape: {
      multiply_accumulates: equalShape.multiplyAccumulates,
      uj_est: microjoules(equalShape.energyPj),
    },
    min_confidence: minConfidence,
    calibrated: false,
    since_us: sinceUs,
  };
}

/**
 * What the schema knows of a key beside its type and range. It stands in the generated JSON Schema as `description`,
 * `unit` and `apply`, so that "does this need a restart?" is data.
 */
export interface Annotation {
  readonly [key: string]: unknown;
  readonly description: string;
  /** A change of the key takes effect at once, or only at the next start. */
  readonly apply: 'live' | 'restart';
  readonly unit?: string;
}

/** A key whose change takes effect while the runtime runs. */
export function live(description: string, unit?: string): Annotation {
  return annotation('live', description, unit);
}

/** A key whose change takes effect at the next start. */
export function restart(description: string, unit?: string): Annotation {
  return annotation('restart', description, unit);
}

function annotation(apply: 'live' | 'restart', description: string, unit?: string): Annotation {
  return unit === undefined ? { description, apply } : { description, unit, apply };
}

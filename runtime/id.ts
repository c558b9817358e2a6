/**
 * Names of edges, sensors and pipelines. They become parts of MQTT topics, of file paths and of environment variables,
 * so they hold nothing that means something there: no `+ # / $`, no space, no leading dot.
 */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const ID_RULE =
  'must be 1 to 64 letters, digits, dots, underscores or hyphens, and begin with a letter or digit';

export function isId(text: string): boolean {
  return ID_PATTERN.test(text);
}

/** Names whose values are never written, at the top of a line's facts and up to three levels down. */
const NAMES = [
  'password',
  'passwd',
  'secret',
  'token',
  'key',
  'privateKey',
  'pfx',
  'passphrase',
  'authorization',
];

export const redacted = {
  paths: NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
  censor: '[secret]',
};

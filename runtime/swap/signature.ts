/**
 * Ed25519 signatures of models (RFC 8032), with pinned keys: no certificates, no chain. What is signed says which model
 * it is, under which name and in which version, so that a signature cannot be moved to another file or version.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../models/index.js';
import { Refusal } from './refusal.js';

export const signatureSchema = z.object({
  algorithm: z.literal('ed25519'),
  /** Digits that tell the key, see `keyId`; only a hint where to look. */
  key: z.string().regex(/^[0-9a-f]{16}$/),
  /** base64 of the 64 bytes. */
  value: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
});

export type Signature = z.infer<typeof signatureSchema>;

/** What a signature is about: name, version, size in bytes and digest of the file. */
export interface Signed {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly size: number;
}

/** First 16 hexadecimal digits of the SHA-256 of the public key (SPKI, DER). */
export function keyId(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

/** A new pair of keys as PEM texts (PKCS #8 and SPKI), and its id. */
export function createKeys(): { privateKey: string; publicKey: string; id: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    id: keyId(publicKey),
  };
}

/** Reads a public key (SPKI, PEM). Throws an Error that says what the text is instead. */
export function readPublicKey(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) throw new Error('is a private key; pin the public one (.pub)');
  return ed25519(() => createPublicKey(pem), 'public key');
}

/** Reads a private key (PKCS #8, PEM). Throws an Error for anything else. */
export function readPrivateKey(pem: string): KeyObject {
  return ed25519(() => createPrivateKey(pem), 'private key');
}

function ed25519(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // falls through to the one error below
  }
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new Error(`is no Ed25519 ${what} in PEM; make one with 'whorl models keygen'`);
  return key;
}

export function signModel(signed: Signed, privateKey: KeyObject): Signature {
  const value = sign(null, statement(signed), privateKey).toString('base64');
  return { algorithm: 'ed25519', key: keyId(createPublicKey(privateKey)), value };
}

/** The text that is signed. Names hold no line ends, so no two models have the same. */
function statement({ id, version, sha256, size }: Signed): Uint8Array {
  return new TextEncoder().encode(`whorl model signature 1\n${id}\n${version}\n${size}\n${sha256}\n`);
}

/** The bytes of a signature file. */
export function signatureFile(signature: Signature): string {
  return `${JSON.stringify(signature)}\n`;
}

/** Reads a signature file. Throws a `bad_signature` refusal. */
export function readSignature(bytes: Uint8Array, from: string): Signature {
  try {
    return signatureSchema.parse(parseJson(Buffer.from(bytes).toString('utf8')));
  } catch {
    throw new Refusal('bad_signature', `${from} is no signature file`);
  }
}

export interface SignaturePolicy {
  /** Public keys that are trusted. */
  readonly keys: readonly KeyObject[];
  /** Whether models without a signature are refused. */
  readonly required: boolean;
}

/**
 * Checks a model's signature. Without pinned keys a signature cannot be checked and is let pass where none is required.
 * Throws a `not_signed` or `bad_signature` refusal that names the model.
 */
export function checkSignature(
  signed: Signed,
  signature: Signature | undefined,
  { keys, required }: SignaturePolicy,
): void {
  const name = `${signed.id}@${signed.version}`;
  if (signature === undefined) {
    if (required) throw new Refusal('not_signed', `${name} has no signature`);
    return;
  }
  if (keys.length === 0 && !required) return;
  const value = Buffer.from(signature.value, 'base64');
  if (keys.some((key) => verify(null, statement(signed), key, value))) return;
  const pinned = keys.some((key) => keyId(key) === signature.key);
  throw new Refusal(
    'bad_signature',
    pinned
      ? `the signature of ${name} does not fit the file`
      : `${name} is signed with key ${signature.key}, which is none of the ${keys.length} pinned keys`,
  );
}

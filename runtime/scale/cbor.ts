import { decode, encode, type Token, Tokenizer, Type } from 'cborg';

/** Arrays and maps in a message of ours are far fewer; it bounds how deep a message can be nested. */
const MAX_CONTAINERS = 16;

const options = {
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
};

class BoundedTokenizer extends Tokenizer {
  private containers = 0;

  override next(): Token {
    const token = super.next();
    const isContainer = Type.equals(token.type, Type.array) || Type.equals(token.type, Type.map);
    if (isContainer && ++this.containers > MAX_CONTAINERS)
      throw new RangeError(`more than ${MAX_CONTAINERS} arrays and maps`);
    return token;
  }
}

/** CBOR (RFC 8949) of plain values and bytes. */
export function toCbor(value: object): Uint8Array {
  return encode(value);
}

/** The value in `bytes`, of unknown shape. Throws Error for what is no CBOR, or longer than `maxBytes`. */
export function fromCbor(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) throw new RangeError(`${bytes.length} bytes are more than ${maxBytes}`);
  return decode(bytes, { ...options, tokenizer: new BoundedTokenizer(bytes, options) });
}

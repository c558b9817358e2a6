/**
 * What kind of fault makes a model file unusable, for programs that act on it.
 *   truncated   it ends before its last byte
 *   too_large   it claims or has more than the limits allow
 *   not_finite  a weight is NaN or infinite
 *   old_format  it is of a version of the format that this program does not read
 *   shape       tensors or sizes do not go together
 */
export type NetworkFault = 'truncated' | 'too_large' | 'not_finite' | 'old_format' | 'shape';

/** A network, model file or window that cannot be used; the message says what is wrong and where. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';

  constructor(
    message: string,
    readonly fault?: NetworkFault,
  ) {
    super(message);
  }
}

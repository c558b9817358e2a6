/** A network, model file or window that cannot be used; the message says what is wrong and where. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

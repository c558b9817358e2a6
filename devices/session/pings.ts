/** Questions on their way that are remembered; an older one counts as lost. */
const most = 8;

/** Which pings are on their way, and when they were sent. Pure. */
export class Pings {
  private nonce = 0;
  private readonly sent = new Map<number, number>();

  /** A ping is sent at `nowUs` (host microseconds); returns its nonce, 1 .. 2^32-1. */
  send(nowUs: number): number {
    this.nonce = (this.nonce % 0xffff_ffff) + 1;
    this.sent.set(this.nonce, nowUs);
    if (this.sent.size > most) this.sent.delete(this.sent.keys().next().value!);
    return this.nonce;
  }

  /** The ping with this nonce is answered: when it was sent; undefined when it was not, or long ago, or answered before. */
  answered(nonce: number): number | undefined {
    const sentUs = this.sent.get(nonce);
    this.sent.delete(nonce);
    return sentUs;
  }

  /** The link is gone: no answer counts any more. */
  clear(): void {
    this.sent.clear();
  }
}

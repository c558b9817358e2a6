/**
 * Watches a stream of MQTT packets for one that is too long, before it is all here: the length stands in the second to
 * fifth byte of a packet (MQTT 3.1.1, section 2.2.3), while the parser would gather up to 256 MiB first.
 */
export class PacketLimit {
  /** Bytes of the current packet that are still to come. */
  private remaining = 0;
  /** Place in the header: 0 before the first byte, then 1 to 4 for the bytes of the length. */
  private header = 0;
  private length = 0;

  constructor(private readonly maxBytes: number) {}

  /** Takes the next bytes; false from the first packet on that is too long or has a broken length. */
  accept(bytes: Uint8Array): boolean {
    let i = 0;
    while (i < bytes.length) {
      if (this.remaining > 0) {
        const step = Math.min(this.remaining, bytes.length - i);
        this.remaining -= step;
        i += step;
      } else if (!this.acceptHeader(bytes[i++]!)) return false;
    }
    return true;
  }

  private acceptHeader(byte: number): boolean {
    if (this.header === 0) {
      this.header = 1;
      this.length = 0;
      return true;
    }
    this.length += (byte & 0x7f) * 128 ** (this.header - 1);
    if (this.length > this.maxBytes) return false;
    if ((byte & 0x80) !== 0) {
      this.header++;
      return this.header <= 4;
    }
    this.remaining = this.length;
    this.header = 0;
    return true;
  }
}

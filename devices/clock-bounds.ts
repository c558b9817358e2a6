/** Minima over windows of this length of device time ... */
const windowUs = 250_000;
/** ... of which the last 30 s are kept. */
const windows = 120;
/** So many windows (2 s) are taken to hold one frame of about the least delay. */
const group = 8;
/** Round trips that are kept: half a minute at one a second. */
const echoes = 32;
/** Round trips older than this, in device time, say nothing any more. */
const echoAgeUs = windows * windowUs;
/** Worst clock expected, a ceramic resonator: 5000 ppm. */
const worstSkew = 5e-3;
/** A skew is not quite constant over 30 s (temperature, discipline of the host's clock): 10 ppm. */
const wander = 10e-6;

/**
 * What is known of host time as a function of device time (both in microseconds), as bounds.
 *
 * A frame of device time d that arrived at h says that host time at d was at most h (a delay is never negative); a
 * question sent at s and received at device time d says that it was at least s. Both bounds are carried to other device
 * times by the least and the greatest slope that agrees with everything seen in the last 30 s, and with 5000 ppm.
 * Without questions the lower bound rests on an assumption instead: of eight windows of 250 ms one held a frame whose
 * delay exceeded the least possible by no more than the minima of those windows differ. Bounds are then those of host
 * time plus the least delay, which one side alone cannot see.
 *
 * Sources: Moon, Skelly and Towsley, "Estimation and removal of clock skew from network delay measurements" (INFOCOM
 * 1999), for the envelope; the two-sided bounds are those of WALT (Chromium).
 *
 * Pure, allocates nothing per sample.
 */
export class ClockBounds {
  /** Bounds of host time at device time `atUs`. */
  atUs = 0;
  lowUs = Number.NEGATIVE_INFINITY;
  highUs = Number.POSITIVE_INFINITY;
  /** The lower envelope of the arrivals there. */
  envelopeUs = Number.POSITIVE_INFINITY;
  /** Bounds of host microseconds a device microsecond. */
  slowest = 1 - worstSkew;
  fastest = 1 + worstSkew;
  /** Best estimate of the same: the lower envelope's. */
  slope = 1;
  /** Whether round trips have been seen, so that nothing is assumed. */
  twoSided = false;
  /** Windows of which the frame with the least delay is known: device time, host time; the last one is still open. */
  private readonly minima = new Ring(windows);
  /** Questions: device time of reception, host time of sending. */
  private readonly asked = new Ring(echoes);
  private windowEndUs = Number.NEGATIVE_INFINITY;

  clear(): void {
    this.minima.length = 0;
    this.asked.length = 0;
    this.windowEndUs = Number.NEGATIVE_INFINITY;
    this.forgetBounds();
  }

  /** A frame of device time `deviceUs` arrived at `hostUs`. Frames need not come in order. */
  arrived(deviceUs: number, hostUs: number): void {
    const { minima } = this;
    if (minima.length === 0) this.atUs = deviceUs;
    if (deviceUs >= this.windowEndUs) {
      this.windowEndUs = deviceUs + windowUs;
      minima.push(deviceUs, hostUs);
      this.refresh(Math.max(this.atUs, deviceUs));
    } else {
      const isLess = hostUs - minima.lastY < this.slope * (deviceUs - minima.lastX);
      if (isLess && deviceUs >= this.windowEndUs - windowUs) minima.replaceLast(deviceUs, hostUs);
      this.moveTo(Math.max(this.atUs, deviceUs));
    }
    this.highUs = Math.min(this.highUs, hostUs + this.fastest * (this.atUs - deviceUs));
    this.envelopeUs = Math.min(this.envelopeUs, hostUs + this.slope * (this.atUs - deviceUs));
    if (this.lowUs > this.highUs) this.startOver();
  }

  /** A question that was sent at `hostUs` was received at `deviceUs`; call `arrived` with the answer's time first. */
  received(deviceUs: number, hostUs: number): void {
    this.asked.push(deviceUs, hostUs);
    this.refresh(Math.max(this.atUs, deviceUs));
    if (this.lowUs > this.highUs) this.startOver();
  }

  /** Least host time at `deviceUs`; -Infinity when not known. */
  low(deviceUs: number): number {
    const afterUs = deviceUs - this.atUs;
    return this.lowUs + afterUs * (afterUs < 0 ? this.fastest : this.slowest);
  }

  /** Greatest host time at `deviceUs`; Infinity when not known. */
  high(deviceUs: number): number {
    const afterUs = deviceUs - this.atUs;
    return this.highUs + afterUs * (afterUs < 0 ? this.slowest : this.fastest);
  }

  /** The lower envelope at `deviceUs`; Infinity before the first frame. */
  envelope(deviceUs: number): number {
    return this.envelopeUs + (deviceUs - this.atUs) * this.slope;
  }

  /** Carries the bounds on. */
  private moveTo(atUs: number): void {
    const afterUs = atUs - this.atUs;
    this.lowUs += afterUs * this.slowest;
    this.highUs += afterUs * this.fastest;
    this.envelopeUs += afterUs * this.slope;
    this.atUs = atUs;
  }

  /** The clocks do not run as supposed: what was seen before does not count any more. */
  private startOver(): void {
    const { minima, asked } = this;
    minima.keepLast();
    asked.length = 0;
    this.forgetBounds();
    this.highUs = minima.lastY + this.fastest * (this.atUs - minima.lastX);
    this.envelopeUs = minima.lastY + this.slope * (this.atUs - minima.lastX);
  }

  private forgetBounds(): void {
    this.lowUs = Number.NEGATIVE_INFINITY;
    this.highUs = Number.POSITIVE_INFINITY;
    this.envelopeUs = Number.POSITIVE_INFINITY;
    this.slowest = 1 - worstSkew;
    this.fastest = 1 + worstSkew;
    this.slope = 1;
    this.twoSided = false;
  }

  /** Everything anew from what is kept, at device time `atUs`. */
  private refresh(atUs: number): void {
    const { minima, asked } = this;
    while (asked.length > 0 && asked.x(0) < atUs - echoAgeUs) asked.dropFirst();
    this.twoSided = asked.length > 0;
    this.slowest = 1 - worstSkew;
    this.fastest = 1 + worstSkew;
    if (this.twoSided) this.narrowByEchoes();
    else this.narrowByGroups();
    if (this.slowest > this.fastest) {
      this.atUs = atUs;
      this.startOver();
      return;
    }
    this.slope = Math.min(this.fastest, Math.max(this.slowest, envelopeSlope(minima)));
    this.atUs = atUs;
    this.lowUs = this.twoSided ? this.lowByEchoes(atUs) : this.lowByGroup(atUs);
    this.highUs = Number.POSITIVE_INFINITY;
    this.envelopeUs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < minima.length; i++) {
      const afterUs = atUs - minima.x(i);
      const high = minima.y(i) + afterUs * (afterUs < 0 ? this.slowest : this.fastest);
      this.highUs = Math.min(this.highUs, high);
      this.envelopeUs = Math.min(this.envelopeUs, minima.y(i) + afterUs * this.slope);
    }
  }

  /** A line above every question and below every arrival has a slope between these. */
  private narrowByEchoes(): void {
    const { minima, asked } = this;
    for (let j = 0; j < asked.length; j++) {
      for (let i = 0; i < minima.length; i++) {
        const span = minima.x(i) - asked.x(j);
        const slope = (minima.y(i) - asked.y(j)) / span;
        if (span > 0) this.fastest = Math.min(this.fastest, slope + wander);
        else if (span < 0) this.slowest = Math.max(this.slowest, slope - wander);
      }
    }
  }

  /** Of each group one window holds the least delay: the slope is that between two of them, whichever they are. */
  private narrowByGroups(): void {
    const { minima } = this;
    const last = minima.length - 1 - group;
    const padUs = this.spread(last);
    for (let first = last - group; first >= 0; first -= group) {
      const pad = Math.max(padUs, this.spread(first));
      let least = Number.POSITIVE_INFINITY;
      let most = Number.NEGATIVE_INFINITY;
      for (let k = first; k < first + group; k++) {
        for (let l = last; l < last + group; l++) {
          const span = minima.x(l) - minima.x(k);
          if (span <= 0) continue;
          const rise = minima.y(l) - minima.y(k);
          least = Math.min(least, (rise - pad) / span);
          most = Math.max(most, (rise + pad) / span);
        }
      }
      this.slowest = Math.max(this.slowest, least - wander);
      this.fastest = Math.min(this.fastest, most + wander);
    }
  }

  private lowByEchoes(atUs: number): number {
    const { asked } = this;
    let low = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < asked.length; j++)
      low = Math.max(low, asked.y(j) + (atUs - asked.x(j)) * this.slowest);
    return low;
  }

  /** By the last eight windows that are over; -Infinity while there are fewer. */
  private lowByGroup(atUs: number): number {
    const { minima } = this;
    const first = minima.length - 1 - group;
    if (first < 0) return Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    for (let k = first; k < first + group; k++)
      low = Math.min(low, minima.y(k) + (atUs - minima.x(k)) * this.slowest);
    return low - this.spread(first);
  }

  /** By how much the minima of a group differ, the skew as estimated taken away. */
  private spread(first: number): number {
    if (first < 0) return 0;
    const { minima } = this;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = first; k < first + group; k++) {
      const rest = minima.y(k) - minima.y(first) - this.slope * (minima.x(k) - minima.x(first));
      least = Math.min(least, rest);
      most = Math.max(most, rest);
    }
    return most - least;
  }
}

/**
 * Slope of the lower envelope of points: that of the edge of their lower convex hull that spans the middle of their
 * time; 1 for fewer than `group` points, whose noise would say more than their skew.
 */
function envelopeSlope(points: Ring): number {
  if (points.length < group) return 1;
  const middle = (points.x(0) + points.x(points.length - 1)) / 2;
  const hull: number[] = [];
  for (let i = 0; i < points.length; i++) {
    while (hull.length > 1 && !isBelow(points, hull[hull.length - 1]!, hull[hull.length - 2]!, i)) hull.pop();
    hull.push(i);
  }
  const right = Math.max(
    1,
    hull.findIndex((i) => points.x(i) >= middle),
  );
  const [a, b] = [hull[right - 1]!, hull[right]!];
  return (points.y(b) - points.y(a)) / (points.x(b) - points.x(a));
}

/** Whether point `i` lies below the line from `a` to `b`, `a` < `i` < `b` in time. */
function isBelow(points: Ring, i: number, a: number, b: number): boolean {
  const slope = (points.y(b) - points.y(a)) / (points.x(b) - points.x(a));
  return points.y(i) - points.y(a) < slope * (points.x(i) - points.x(a));
}

/** The last so many points, the oldest first. */
class Ring {
  length = 0;
  private first = 0;
  private readonly xs: Float64Array;
  private readonly ys: Float64Array;

  constructor(private readonly capacity: number) {
    this.xs = new Float64Array(capacity);
    this.ys = new Float64Array(capacity);
  }

  x(i: number): number {
    return this.xs[(this.first + i) % this.capacity]!;
  }

  y(i: number): number {
    return this.ys[(this.first + i) % this.capacity]!;
  }

  get lastX(): number {
    return this.x(this.length - 1);
  }

  get lastY(): number {
    return this.y(this.length - 1);
  }

  push(x: number, y: number): void {
    if (this.length === this.capacity) this.dropFirst();
    this.length++;
    this.replaceLast(x, y);
  }

  replaceLast(x: number, y: number): void {
    const at = (this.first + this.length - 1) % this.capacity;
    this.xs[at] = x;
    this.ys[at] = y;
  }

  dropFirst(): void {
    this.first = (this.first + 1) % this.capacity;
    this.length--;
  }

  keepLast(): void {
    while (this.length > 1) this.dropFirst();
  }
}

import type { PortInfo } from '../discovery/port-info.js';

/** How soon a port hands on what arrives, as it was found after asking for no delay. */
export interface LatencyFinding {
  /** `none`: there is no such setting, and no such delay that could be set. */
  readonly state: 'on' | 'off' | 'none';
  /** One line: why, and what to do when it is off. */
  readonly note: string;
}

export interface LatencyFacts {
  readonly path: string;
  /** The low-latency flag as read back; undefined: the system answers no such question for this port. */
  readonly flag: boolean | undefined;
  readonly driver: PortInfo['driver'] | undefined;
  readonly latencyTimerMs: PortInfo['latencyTimerMs'] | undefined;
}

/** FTDI chips collect bytes for so long unless told otherwise. */
const slowestTimerMs = 1;

/** What is known of a port's latency in words. Pure. */
export function latencyFinding({ path, flag, driver, latencyTimerMs }: LatencyFacts): LatencyFinding {
  if (latencyTimerMs !== undefined && latencyTimerMs > slowestTimerMs) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return {
      state: 'off',
      note: `${path}: the FTDI chip holds bytes back for up to ${latencyTimerMs} ms: install the udev rule 60-whorl.rules (runtime/deploy), or 'echo 1 | sudo tee /sys/bus/usb-serial/devices/${name}/latency_timer'`,
    };
  }
  if (latencyTimerMs !== undefined) return { state: 'on', note: `${path}: the FTDI latency timer is 1 ms` };
  if (flag === true) return { state: 'on', note: `${path}: the driver hands bytes on at once` };
  if (driver === 'cdc_acm')
    return { state: 'none', note: `${path}: a USB CDC device, which has no latency timer` };
  if (flag === undefined)
    return { state: 'none', note: `${path}: no UART (a pseudo-terminal or a virtual port), nothing to set` };
  return {
    state: 'off',
    note: `${path}: the driver ${driver ?? 'of this port'} did not take the low-latency flag: bytes may arrive in lumps, which the clock counts as delay; set lowLatency: false to accept that`,
  };
}

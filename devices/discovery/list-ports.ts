import { readdir } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import type { PortInfo } from './port-info.js';
import { type SystemFolders, sysfsPorts, systemFolders } from './sysfs.js';

/** What serialport reports of a port. */
export interface RawPort {
  readonly path: string;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly pnpId?: string | undefined;
}

export interface PortList {
  readonly ports: PortInfo[];
  /** Why the list may be poorer than the machine; undefined when it is complete. */
  readonly note?: string;
}

/** Device files that USB and board serial ports have on Linux. */
const portName = /^tty(ACM|USB|AMA|XRUSB)\d+$/;

/**
 * The serial ports of this machine. Never rejects: on Linux from sysfs, elsewhere from serialport, and where neither can
 * tell the device files are listed by name and `note` says so. `folders` and `list` are there to be replaced by tests.
 */
export async function listPorts(
  folders: SystemFolders = systemFolders,
  list: () => Promise<readonly RawPort[]> = () => SerialPort.list(),
): Promise<PortList> {
  const ports = await sysfsPorts(folders);
  if (ports !== undefined) return { ports };
  try {
    return { ports: (await list()).map(portInfo) };
  } catch (error) {
    const names = await readdir(folders.dev).catch(() => []);
    const found = names.filter((name) => portName.test(name)).sort();
    return {
      ports: found.map((name) => ({ path: `${folders.dev}/${name}` })),
      note: `listed by name only, for there is neither sysfs nor udev: ${reason(error)}`,
    };
  }
}

function portInfo(raw: RawPort): PortInfo {
  const { path, vendorId, productId, manufacturer, serialNumber, pnpId } = raw;
  return {
    path,
    ...(vendorId === undefined ? {} : { vendorId: vendorId.toLowerCase() }),
    ...(productId === undefined ? {} : { productId: productId.toLowerCase() }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    // serialport's pnpId is the name of the link below /dev/serial/by-id.
    ...(pnpId === undefined ? {} : { byId: `/dev/serial/by-id/${pnpId}` }),
  };
}

function reason(error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'udevadm is not installed'
    : error instanceof Error
      ? error.message
      : String(error);
}

import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PortInfo } from './port-info.js';

/** Where Linux tells what it has; tests have a folder of their own. */
export interface SystemFolders {
  readonly sys: string;
  readonly dev: string;
}

export const systemFolders: SystemFolders = { sys: '/sys', dev: '/dev' };

/** Names of serial ports: USB classes and bridges, and UARTs of boards. */
const portName = /^tty(ACM|USB|XRUSB|WCH|AMA|S|THS|mxc|O)\d+$/;

type Written<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The serial ports by sysfs, without udev: as in containers. Undefined where there is no sysfs (other systems).
 * UARTs that no chip is behind are left out.
 */
export async function sysfsPorts(folders: SystemFolders = systemFolders): Promise<PortInfo[] | undefined> {
  const names = await readdir(join(folders.sys, 'class/tty')).catch(() => undefined);
  if (names === undefined) return undefined;
  const [byId, byPath] = await Promise.all([linksBelow(folders, 'by-id'), linksBelow(folders, 'by-path')]);
  const ports: PortInfo[] = [];
  for (const name of names.filter((one) => portName.test(one)).sort(inOrder)) {
    const facts = await factsOf(name, folders);
    if (facts === undefined) continue;
    const stable: Written<Partial<PortInfo>> = {};
    if (byId.has(name)) stable.byId = byId.get(name)!;
    if (byPath.has(name)) stable.byPath = byPath.get(name)!;
    ports.push({ path: join(folders.dev, name), ...facts, ...stable });
  }
  return ports;
}

/** What sysfs tells of the port behind a path (a link is followed); empty when it tells nothing. */
export async function portFacts(
  path: string,
  folders: SystemFolders = systemFolders,
): Promise<Partial<PortInfo>> {
  const target = await realpath(path).catch(() => path);
  return (await factsOf(basename(target), folders)) ?? {};
}

/** ttyUSB2 before ttyUSB10. */
function inOrder(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

async function factsOf(name: string, { sys }: SystemFolders): Promise<Partial<PortInfo> | undefined> {
  const tty = join(sys, 'class/tty', name);
  const device = await realpath(join(tty, 'device')).catch(() => undefined);
  if (device === undefined || (await text(join(tty, 'type'))) === '0') return undefined;
  const facts: Written<Partial<PortInfo>> = {};
  const driver = await readlink(join(device, 'driver')).catch(() => undefined);
  if (driver !== undefined) facts.driver = basename(driver);
  const timer = Number(await text(join(device, 'latency_timer')));
  if (timer > 0) facts.latencyTimerMs = timer;
  const usb = await usbFolder(device, sys);
  if (usb === undefined) return facts;
  const [vendorId, productId, manufacturer, product, serialNumber] = await Promise.all(
    ['idVendor', 'idProduct', 'manufacturer', 'product', 'serial'].map((file) => text(join(usb, file))),
  );
  if (vendorId !== undefined) facts.vendorId = vendorId.toLowerCase();
  if (productId !== undefined) facts.productId = productId.toLowerCase();
  if (manufacturer !== undefined) facts.manufacturer = manufacturer;
  if (product !== undefined) facts.product = product;
  if (serialNumber !== undefined) facts.serialNumber = serialNumber;
  return facts;
}

/** The folder of the USB device that a tty belongs to: the nearest one above it that has a vendor. */
async function usbFolder(device: string, sys: string): Promise<string | undefined> {
  const top = await realpath(sys).catch(() => sys);
  for (let folder = device; folder.startsWith(top) && folder !== top; folder = dirname(folder))
    if ((await text(join(folder, 'idVendor'))) !== undefined) return folder;
  return undefined;
}

/** Name of a tty -> link below /dev/serial/`kind` that leads to it. */
async function linksBelow({ dev }: SystemFolders, kind: string): Promise<Map<string, string>> {
  const folder = join(dev, 'serial', kind);
  const links = new Map<string, string>();
  for (const name of (await readdir(folder).catch(() => [])).sort()) {
    const target = await readlink(join(folder, name)).catch(() => undefined);
    if (target !== undefined && !links.has(basename(target))) links.set(basename(target), join(folder, name));
  }
  return links;
}

/** A line of sysfs; undefined when it is not there or empty. */
async function text(path: string): Promise<string | undefined> {
  const content = await readFile(path, 'utf8').catch(() => '');
  return content.trim() || undefined;
}

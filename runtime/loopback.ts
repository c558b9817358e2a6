import { isIPv4, isIPv6 } from 'node:net';

/** Whether a host name or address is this machine alone: localhost, 127.0.0.0/8 or ::1 (with or without brackets). */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (name === 'localhost') return true;
  if (isIPv4(name)) return name.startsWith('127.');
  if (!isIPv6(name)) return false;
  return /^[0:]*:0*1$/.test(name) || /^(::|(0+:){5})ffff:127\./.test(name);
}

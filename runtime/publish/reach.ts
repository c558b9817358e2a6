import type { Ended, ProtocolVersion } from './attempts.js';
import type { LinkTarget, OpenLink } from './link.js';
import { openMqttLink } from './mqtt-link.js';

/** Whether a broker lets us in: the version that it spoke, or why not. */
export type Reached = { readonly version: ProtocolVersion } | Omit<Ended, 'upMs'>;

/**
 * Connects once, says goodbye, and leaves nothing behind: no will, no message. Versions are tried in turn while the
 * broker does not know them or just hangs up. Never rejects; takes 5 s a version at most.
 */
export async function reachBroker(
  { target, versions }: { readonly target: LinkTarget; readonly versions: readonly ProtocolVersion[] },
  clientId: string,
  openLink: OpenLink = openMqttLink,
): Promise<Reached> {
  let last: Reached = { cause: 'unreachable', reason: 'no version to try' };
  for (const version of versions) {
    last = await attempt(target, clientId, version, openLink);
    if ('version' in last || (last.cause !== 'version' && last.cause !== 'closed')) return last;
  }
  return last;
}

function attempt(
  target: LinkTarget,
  clientId: string,
  version: ProtocolVersion,
  openLink: OpenLink,
): Promise<Reached> {
  return new Promise((resolve) => {
    const link = openLink(target, { clientId }, version, {
      up: () => link.close(() => resolve({ version })),
      message: () => {},
      ended: resolve,
    });
  });
}

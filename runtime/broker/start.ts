import { type BrokerOptions, EmbeddedBroker } from './broker.js';

/**
 * Starts an embedded broker. Rejects when its port is in use.
 * @param anyPort take any free port in that case
 */
export async function startBroker(options: BrokerOptions, anyPort = false): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker(options);
  try {
    await broker.start();
    return broker;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (!anyPort || code !== 'EADDRINUSE') throw error;
  }
  const elsewhere = new EmbeddedBroker({ ...options, port: 0 });
  await elsewhere.start();
  return elsewhere;
}

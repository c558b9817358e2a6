/** GET /metrics: on loopback unless configured otherwise, and only when enabled. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsConfig } from '../config/index.js';
import type { PipelineResult } from '../inference/index.js';
import type { Logger } from '../log/index.js';
import { isLoopback } from '../loopback.js';
import type { HealthBody } from '../publish/index.js';
import { MetricFamilies } from './families.js';

export interface Metrics {
  /** Where they are served, e.g. `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  answered(result: Pick<PipelineResult, 'pipeline' | 'timings'>): void;
  stop(): Promise<void>;
}

/** What clients may cost. */
export const MAX_METRICS_CONNECTIONS = 16;
const REQUEST_TIMEOUT_MS = 5000;

/** Begins to serve; undefined when the port cannot be had, which is logged: figures are no reason not to work. */
export async function startMetrics(
  { host, port }: Pick<MetricsConfig, 'host' | 'port'>,
  health: () => HealthBody,
  log: Logger,
): Promise<Metrics | undefined> {
  const families = new MetricFamilies();
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => void answer(request, response, () => families.scrape(health())),
  );
  server.maxConnections = MAX_METRICS_CONNECTIONS;
  try {
    await listen(server, host, port);
  } catch (err) {
    log.warn(
      { err, host, port },
      'no metrics: the address cannot be listened on; is the port taken? See metrics.port',
    );
    return undefined;
  }
  const { port: bound } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`;
  if (!isLoopback(host))
    log.warn({ url }, 'metrics are served beyond this machine, without password and encryption');
  log.info({ url }, 'metrics are served');
  return { url, answered: (result) => families.answered(result), stop: () => close(server) };
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  scrape: () => Promise<{ readonly type: string; readonly text: string }>,
): Promise<void> {
  if (url?.split('?')[0] !== '/metrics') return end(response, 404, 'there is /metrics only\n');
  if (method !== 'GET' && method !== 'HEAD') return end(response, 405, 'GET only\n');
  try {
    const { type, text } = await scrape();
    end(response, 200, text, type);
  } catch (error) {
    end(response, 500, `${(error as Error).message}\n`);
  }
}

function end(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

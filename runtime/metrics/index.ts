export { type Metrics, startMetrics } from './server.js';

export { type HealthParts, healthBody } from './body.js';
export { HealthMonitor, type HealthOutlet, type MonitorOptions } from './monitor.js';
export { ServiceManager, type ServiceManagerOptions } from './service-manager.js';

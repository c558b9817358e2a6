export { type BrokerOptions, EmbeddedBroker } from './broker.js';

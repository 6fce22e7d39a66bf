export { type DeviceLine, DeviceLines } from './device-lines.js';
export { Dma } from './dma.js';
export { IoMappings } from './io-mappings.js';

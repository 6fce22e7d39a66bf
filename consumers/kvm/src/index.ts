export * from './errors.js';
export * from './exit.js';
export * from './guest-clock.js';
export * from './guest-memory.js';
export * from './kvm.js';
export * from './vcpu.js';
export * from './virtual-machine.js';
export * from './vm-options.js';

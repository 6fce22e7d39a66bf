import { type Architecture, composeKernel, type Kernel, program } from '@hwbp/core';
import { Xmon } from '@hwbp/xmon';
import { serve, store } from './support.js';

/**
 * A kernel that loses count: a server on CPU 0 counts requests, and housekeeping on CPU 1 writes a 0 over the counter.
 * Text and data lie at the beginning of the linear map.
 */
export function lostCount(arch: Architecture): Kernel {
  const { directMap, roles } = arch.backend.manifest;
  const [counter, serving, resetting] = [directMap + 0x2000n, directMap + 0x10_0000n, directMap + 0x10_0100n];
  const kernel = composeKernel({
    arch,
    cpus: 2,
    quantum: 8,
    strict: true,
    plugins: [Xmon],
    symbols: [
      { name: 'requests', address: counter, size: 8 },
      { name: 'serve', address: serving, size: 0x10 },
      { name: 'reset_stats', address: resetting, size: 0x10 },
    ],
  });
  const { machine } = kernel;
  while (machine.kernelMemory.peek(counter, 8).length < 8) machine.physical.allocate();
  machine.spawn(
    program(() => serve(serving, counter, 5)),
    { comm: 'server', mode: 'kernel', affinity: [0] },
  );
  machine.spawn(
    program([
      {
        pc: resetting,
        length: 4,
        registers: { r9: counter, ...(roles.names?.includes('rdi') === true ? { rdi: counter } : {}) },
      },
      { pc: resetting + 4n, length: 4, accesses: [store(counter, 0n)] },
      { pc: resetting + 8n, length: 4 },
    ]),
    { comm: 'housekeeper', mode: 'kernel', affinity: [1] },
  );
  return kernel;
}

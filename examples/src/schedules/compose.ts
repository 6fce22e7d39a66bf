import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program, SCHEDULING } from '@hwbp/core';
import { fixedPriority } from '@hwbp/schedulers';

using kernel = composeKernel({ arch: x86(), taskScheduler: fixedPriority() });
const work = program([{ pc: 0x1000n, length: 4 }]);
const low = kernel.machine.spawn(work, { comm: 'low', scheduling: { priority: 5 } });
const high = kernel.machine.spawn(work, { comm: 'high', scheduling: { priority: 7, policy: 'fifo' } });
console.log(kernel.machine.next?.task.comm); // prints: high
kernel.get(SCHEDULING).set(low, { priority: 9 });
console.log(kernel.machine.next?.task.comm, high.scheduling.priority); // prints: low 7

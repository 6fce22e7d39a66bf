import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, priorities, program } from '@hwbp/core';
import { Kwatch } from '@hwbp/kwatch';

const jiffies = 0xffffffff82000000n;
const store = { pc: 0xffffffff81000000n, length: 4, accesses: [{ kind: 'write' as const, address: jiffies, size: 8 }] };

using kernel = composeKernel({ arch: x86(), cpus: 2, slotPolicy: priorities(), plugins: [Kwatch] });
const kwatch = kernel.get(Kwatch);
const watch = kwatch.registerKernel({
  address: jiffies,
  length: 8,
  type: HW_BREAKPOINT_W,
  attitude: 'step-aside', // or 'keep-ptrace', 'break-ptrace', or a priority of your own
  triggered: (_, hit) => console.log(`written at ${hit.pc.toString(16)}`),
  uninstalled: () => console.log('somebody more important has the register'),
  installed: () => console.log('it is back'),
});
console.log(watch.status); // prints: 3

kernel.machine.spawn(program([store]), { mode: 'kernel' });
kernel.machine.run(); // prints: written at ffffffff81000000

const request = { length: 8, type: HW_BREAKPOINT_W, priority: 9, triggered: () => {} };
const others = [8n, 16n, 24n, 32n].map((at) => kwatch.registerKernel({ ...request, address: jiffies + at }));
// prints: somebody more important has the register
console.log(watch.status); // prints: 1
for (const other of others) kwatch.unregister(other);
// prints: it is back

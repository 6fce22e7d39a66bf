import { x86 } from '@hwbp/arch-x86';
import { assemble, composeKernel, HW_BREAKPOINT_W, symbolize } from '@hwbp/core';

const counting = assemble(
  `
counter: .u64 0              ; data: initial values, in the memory's byte order
main:    mov   r0, 2
.again:  call  inc           ; a point in front: a label of main alone
         sub   r0, r0, 1
         bne   r0, 0, .again
         ret                 ; to address 0: the end
inc:     load  r1, [counter]
         add   r1, r1, 1
         store [counter], r1
         ret
`,
  { name: 'counting.s' },
);

const kernel = composeKernel({ arch: x86(), routines: [counting] });
const task = kernel.machine.spawn(counting.program('main', { args: [1n] }), { comm: 'count' });
const watch = { bp_type: HW_BREAKPOINT_W, bp_addr: counting.resolve('counter'), bp_len: 8 };
kernel.breakpoints.registerUser(watch, ({ cpu }) => console.log(symbolize(kernel.symbols, cpu.pc)), task);
kernel.machine.run();
// prints: inc+0x8
// prints: inc+0x8

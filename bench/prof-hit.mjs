import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, program, directScheduler, perfEvents } from '@hwbp/core';
const STORE = { pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 8 }] };
const kernel = composeKernel({ arch: x86(), breakpointScheduler: process.argv[2] === 'events' ? perfEvents() : directScheduler() });
const task = kernel.machine.spawn(program(function* () { for (;;) yield STORE; }));
let n = 0;
kernel.breakpoints.registerUser({ bp_type: HW_BREAKPOINT_W, bp_addr: 0x2000n, bp_len: 8 }, () => { n++; }, task);
for (let i = 0; i < 300; i++) kernel.machine.run(5000);

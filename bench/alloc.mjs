import v8 from 'node:v8';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, program, directScheduler, perfEvents } from '@hwbp/core';
const STORE = { pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 8 }] };
function make(mode, sched) {
  const kernel = composeKernel({ arch: x86(), breakpointScheduler: sched });
  const task = kernel.machine.spawn(program(function* () { for (;;) yield STORE; }));
  let n = 0;
  if (mode) kernel.breakpoints.registerUser({ bp_type: HW_BREAKPOINT_W, bp_addr: 0x2000n, bp_len: 8 }, () => { n++; }, task);
  return () => kernel.machine.run(5000);
}
const used = () => { const s = v8.getHeapSpaceStatistics().find((x) => x.space_name === 'new_space'); return s.space_used_size; };
for (const [name, f] of Object.entries({ quiet: make(false, directScheduler()), direct: make(true, directScheduler()), quietE: make(false, perfEvents()), events: make(true, perfEvents()) })) {
  const t = []; const ns = [];
  for (let i = 0; i < 150; i++) { const a = used(); const s = process.hrtime.bigint(); f(); ns.push(Number(process.hrtime.bigint() - s) / 5000); const b = used(); if (i > 60 && b > a) t.push((b - a) / 5000); }
  t.sort((a, b) => a - b); const n2 = ns.slice(60).sort((a, b) => a - b);
  console.log(name, 'bytes/instr', t[t.length >> 1]?.toFixed(0), 'ns min', n2[0].toFixed(0), 'q25', n2[22].toFixed(0));
}

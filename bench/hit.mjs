import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, program, directScheduler, perfEvents } from '@hwbp/core';
const STORE = { pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 8 }] };
function make(mode, sched) {
  const kernel = composeKernel({ arch: x86(), breakpointScheduler: sched });
  const task = kernel.machine.spawn(program(function* () { for (;;) yield STORE; }));
  let n = 0;
  if (mode) kernel.breakpoints.registerUser({ bp_type: HW_BREAKPOINT_W, bp_addr: 0x2000n, bp_len: 8 }, () => { n++; }, task);
  return () => kernel.machine.run(1000);
}
const raw = (() => { const m = new DataView(new ArrayBuffer(1 << 15)); const w = Int32Array.from({ length: 4096 }, (_, i) => (i * 2654435761 >>> 8) & 32764); return () => { let s = 0; for (let i = 0; i < 4096; i++) s = (s + m.getInt32(w[i], true)) | 0; return s; }; })();
const fs = { quiet: make(false, directScheduler()), direct: make(true, directScheduler()), quietE: make(false, perfEvents()), events: make(true, perfEvents()) };
const q = {};
for (const k in fs) q[k] = [];
for (let i = 0; i < 800; i++) for (const k in fs) { const s = process.hrtime.bigint(); fs[k](); q[k].push(Number(process.hrtime.bigint() - s) / 1000); }
for (const k in fs) { q[k] = q[k].slice(300).sort((a, b) => a - b); }
const p = (k) => q[k][50];
console.log('quiet', p('quiet').toFixed(0), 'direct hit', (p('direct') - p('quiet')).toFixed(0), 'events hit', (p('events') - p('quietE')).toFixed(0), '| min', (q.direct[0] - q.quiet[0]).toFixed(0), (q.events[0] - q.quietE[0]).toFixed(0));

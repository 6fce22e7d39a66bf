import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program } from '@hwbp/core';
const STORE = { pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 8 }] };
function make(att) {
  const kernel = composeKernel({ arch: x86() });
  const cpu = kernel.machine.cpu(0);
  kernel.machine.spawn(program(function* () { for (;;) { if (att) cpu.attention = true; yield STORE; } }));
  return () => kernel.machine.run(5000);
}
const fs = { quiet: make(false), att: make(true) };
for (const k in fs) { const ns = []; for (let i = 0; i < (process.env.N ?? 200); i++) { const s = process.hrtime.bigint(); fs[k](); ns.push(Number(process.hrtime.bigint() - s) / 5000); } const n = ns.slice(60).sort((a, b) => a - b); console.log(k, n[0].toFixed(0), n[35].toFixed(0)); }

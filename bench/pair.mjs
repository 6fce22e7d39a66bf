import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, program, directScheduler, perfEvents, WatchFilter } from '@hwbp/core';
const attr = (bp_addr) => ({ bp_type: HW_BREAKPOINT_W, bp_addr, bp_len: 8 });
const nothing = () => {};
const idle = () => ({ state: 'ready', run: () => 0 });
const STORE = { pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 8 }] };
const NOP = { pc: 0x1000n, length: 4 };
function sw(n, s) { const k = composeKernel({ arch: x86(), breakpointScheduler: s }); for (let t = 0; t < 2; t++) { const task = k.machine.spawn(idle, { affinity: [0] }); for (let i = 0; i < n; i++) k.breakpoints.registerUser(attr(0x1000n + BigInt(64 * i + 4096 * t)), nothing, task); } return () => { for (let i = 0; i < 500; i++) k.machine.schedule(0); }; }
function pr(s) { const k = composeKernel({ arch: x86(), breakpointScheduler: s }); const task = k.machine.spawn(idle); return () => { for (let i = 0; i < 500; i++) k.breakpoints.unregister(k.breakpoints.registerUser(attr(0x2000n), nothing, task)); }; }
function st(w, ins, s) { const k = composeKernel({ arch: x86(), breakpointScheduler: s }); const task = k.machine.spawn(program(function* () { for (;;) yield ins; })); if (w) k.breakpoints.registerUser(attr(0x2000n), nothing, task); return () => k.machine.run(500); }
const arch = x86();
const filter = new WatchFilter(); filter.arm(0, 3, 0x7fff, 0x20010000, 4);
const words = Int32Array.from({ length: 4096 }, (_, i) => (0x10000000 + ((Math.imul(i, 2654435761) >>> 8) & 32764)) | 0); let sink = 0;
function acc() { const table = filter.table; let s = 0; for (let i = 0; i < 4096; i++) { const lo = words[i]; if (table[0 | ((lo >>> 3) & 0xfff)] !== 0) s++; s = (s + lo) | 0; } sink ^= s; }
const d = directScheduler, e = perfEvents();
const L = { access: [acc, 4096], instr: [st(false, STORE, d()), 500], nop: [st(false, NOP, d()), 500], hit: [st(true, STORE, d()), 500], hitE: [st(true, STORE, e), 500], sw0: [sw(0, d()), 500], sw4: [sw(4, d()), 500], sw0E: [sw(0, e), 500], sw4E: [sw(4, e), 500], reg: [pr(d()), 500], regE: [pr(e), 500], compose: [() => { for (let i = 0; i < 5; i++) composeKernel({ arch, cpus: 2 })[Symbol.dispose](); }, 5] };
const q = {}; for (const k in L) q[k] = [];
for (let r = 0; r < 400; r++) for (const k in L) { const [f, n] = L[k]; const t = process.hrtime.bigint(); f(); q[k].push(Number(process.hrtime.bigint() - t) / n); }
const out = {}; for (const k in L) { const v = q[k].slice(130).sort((a, b) => a - b); out[k] = v[30]; }
console.log(JSON.stringify(out));

import v8 from 'node:v8';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel } from '@hwbp/core';
const arch = x86();
const one = () => composeKernel({ arch, cpus: 2 })[Symbol.dispose]();
for (let i = 0; i < 3000; i++) one();
const t = [], ns = [];
for (let i = 0; i < 400; i++) { const a = process.memoryUsage(); const s = process.hrtime.bigint(); for (let j = 0; j < 5; j++) one(); ns.push(Number(process.hrtime.bigint() - s) / 5); const b = process.memoryUsage(); if (b.heapUsed > a.heapUsed) t.push([(b.heapUsed - a.heapUsed) / 5, (b.external - a.external) / 5]); }
t.sort((x, y) => x[0] - y[0]); ns.sort((a, b) => a - b);
console.log('bytes', t[t.length >> 1], 'ns min', ns[0], 'q25', ns[100]);
global.gc(); const b0 = process.memoryUsage().heapUsed; const kept = Array.from({ length: 1000 }, () => composeKernel({ arch, cpus: 2 })); global.gc(); console.log('held KiB', (process.memoryUsage().heapUsed - b0) / 1000 / 1024);

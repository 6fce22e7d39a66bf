import { x86 } from '@hwbp/arch-x86';
import { composeKernel } from '@hwbp/core';
const arch = x86();
console.log(composeKernel({ arch, cpus: 2 }).describe().parts.filter((p) => p.made).length);
for (let i = 0; i < 40000; i++) composeKernel({ arch, cpus: 2 })[Symbol.dispose]();

import { assembly, memory } from '@hwbp/core';

const inc = assembly()
  .label('counter')
  .data([0n])
  .label('inc')
  .xadd('r0', memory('counter'), 1n)
  .ret()
  .assemble({ name: 'inc.s', at: 0x500000n });
console.log(inc.symbols.map(({ name }) => name).join(' ')); // prints: inc counter

// A debugger in 50 lines finds out who breaks a counter: node examples/dist/mini-debugger/main.js
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import { COUNT, listProgram } from './list-program.js';
import { debug } from './mini-debugger.js';

const kernel = composeKernel({ arch: x86(), plugins: [Ptrace] });
const task = kernel.machine.spawn(program(listProgram), { comm: 'list' });
// It runs for a while before anybody looks at it.
kernel.machine.run(5);

const count = { name: 'count', address: COUNT, length: 4 } as const;
debug(
  kernel.get(Ptrace),
  task,
  count,
  (value) => value > 3n,
  (line) => console.log(line),
);

kernel.machine.run(1000);
console.log(
  `${task} is ${task.alive ? 'alive' : 'dead'}, and ${kernel.breakpoints.registered.length} slot is still its own`,
);
kernel.dispose();

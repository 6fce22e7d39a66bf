import type { Cpu } from '../../hardware/index.js';
import type { ExecutionContext, Interrupts, Task } from '../../kernel/index.js';
import type { Occurrence } from './occurrence.js';

/** Something that the kernel itself did. */
export class KernelOccurrence implements Occurrence {
  readonly cpu: Cpu;
  readonly task: Task | undefined;
  readonly address = undefined;
  readonly mode: Occurrence['mode'];
  readonly context: ExecutionContext;

  /** `interrupts`: knows what the CPU was in. */
  constructor(cpu: Cpu, task: Task | undefined, mode: Occurrence['mode'], interrupts: Interrupts) {
    this.cpu = cpu;
    this.task = task;
    this.mode = mode;
    this.context = interrupts.beneath(cpu);
  }

  get ip(): bigint {
    return this.cpu.context.pc;
  }

  get guest(): Occurrence['guest'] {
    return this.cpu.interrupted;
  }
}

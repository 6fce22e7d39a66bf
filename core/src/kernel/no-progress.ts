/** The `detail` of a run that ends because an instruction raises one exception after the other, and nobody gets on. */
export class NoProgress {
  /** Number of the CPU, of its own kernel. */
  readonly cpu: number;
  readonly pc: bigint;
  /** Whose instruction it is; `undefined`: nobody's that is known. */
  readonly task: string | undefined;

  constructor(cpu: number, pc: bigint, task: string | undefined) {
    this.cpu = cpu;
    this.pc = pc;
    this.task = task;
  }
}

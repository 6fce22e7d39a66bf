import type { Cpu, Instruction, Kernel, Program } from '@hwbp/core';

/** Lines that are kept for people; what comes behind them is in the digest alone. */
const MOST_LINES = 20_000;
const LENGTH = 4;
const PRIME = 0x0100_0193;

/** Everything that was executed: in words as far as there is room, and as one number. */
class RaceLog {
  readonly lines: string[] = [];
  digest = 0x811c_9dc5;

  note(cpu: Cpu, task: number, pc: bigint, value: bigint): void {
    const entry = [cpu.retired, cpu.index, task, Number(pc & 0xffn), Number(value & 0xffff_ffffn), cpu.clock.now];
    for (const number of entry) this.digest = Math.imul(this.digest ^ number, PRIME);
    if (this.lines.length < MOST_LINES) this.lines.push(entry.join(' '));
  }
}

/** Adds to a variable without a lock, for ever: loads it, stores one more, jumps back. */
class Adder implements Program {
  readonly state = 'ready';
  readonly #task: number;
  readonly #text: bigint;
  readonly #shared: bigint;
  readonly #log: RaceLog;
  #next = 0;
  #value = 0n;

  constructor(task: number, text: bigint, shared: bigint, log: RaceLog) {
    this.#task = task;
    this.#text = text;
    this.#shared = shared;
    this.#log = log;
  }

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget) {
      const instruction = this.#instruction();
      const loaded = cpu.execute(instruction);
      if (loaded !== undefined) {
        retired++;
        if (loaded[0] !== undefined) this.#value = loaded[0];
        this.#log.note(cpu, this.#task, instruction.pc, this.#value);
        this.#next = (this.#next + 1) % 3;
      }
      if (cpu.attention) break;
    }
    return retired;
  }

  #instruction(): Instruction {
    const pc = this.#text + BigInt(LENGTH * this.#next);
    const access = { address: this.#shared, size: 4 };
    if (this.#next === 0) return { pc, length: LENGTH, accesses: [{ ...access, kind: 'read' }] };
    if (this.#next === 2) return { pc, length: LENGTH, next: this.#text };
    const value = BigInt.asUintN(32, this.#value + 1n);
    return { pc, length: LENGTH, accesses: [{ ...access, kind: 'write', value }] };
  }
}

/** A race of three tasks on two CPUs, and where it takes place. */
export class Race {
  readonly log = new RaceLog();
  readonly shared: bigint;
  readonly #base: bigint;

  constructor({ machine, breakpoints }: Kernel) {
    machine.physical.allocate();
    this.shared = breakpoints.manifest.directMap;
    this.#base = this.shared + 0x10_0000n;
    for (let n = 0; n < 3; n++) {
      const adder = new Adder(n, this.text(n), this.shared, this.log);
      machine.spawn(() => adder, { comm: `adder${n}`, mode: 'kernel', affinity: [n % 2] });
    }
  }

  /** Where the n-th task loads; it stores 4 bytes behind. */
  text(n: number): bigint {
    return this.#base + 0x1000n * BigInt(n);
  }
}

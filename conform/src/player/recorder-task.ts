import { type Access, type Instruction, type Machine, program, type Task } from '@hwbp/core';
import { StepError } from '../format/arguments.js';
import { Commands } from './commands.js';

/** The recorder's own page, which scripts watch and store to, and which it passes pointers into. */
export const RECORDER_PAGE = 0x3000_0000n;
const PAGE_SIZE = 0x1000;
/** Bytes of each of its instructions: transcripts do not say. */
const INSTRUCTION = 4;
/** Somewhere in its text: transcripts do not say where. */
export const RECORDER_TEXT = 0x40_1000n;
const REAL_TIME = Array.from({ length: 31 }, (_, i) => `SIGRTMIN+${i}` as const);
/** Nanoseconds that pass on every CPU with each op: what a real recorder does takes time. */
const OP_TIME = 50;

/** More than any copy takes, with whatever else runs meanwhile. */
const MOST_STEPS = 100_000;

/**
 * The recording program itself: `self`, a task of uid 0, away from the tasks' CPU 0 if there is another, and on its CPU
 * whenever it does something.
 */
export class RecorderTask {
  readonly task: Task;
  readonly #machine: Machine;
  readonly #kernelText: bigint;
  readonly #cpu: number;
  readonly #commands = new Commands();

  /** `kernelText`: where the kernel's instructions seem to lie. */
  constructor(machine: Machine, kernelText: bigint) {
    this.#machine = machine;
    this.#kernelText = kernelText;
    this.#cpu = Math.min(1, machine.cpus.length - 1);
    this.task = machine.spawn(() => this.#commands, {
      comm: 'record',
      affinity: [this.#cpu],
      demandZero: false,
      run: false,
    });
    this.task.memory.map(RECORDER_PAGE, PAGE_SIZE);
    for (const signal of [...REAL_TIME, 'SIGIO'] as const) this.task.blocked.add(signal);
  }

  /** An op begins: it is on its CPU, and some time has passed. */
  wake(): void {
    for (const { clock } of this.#machine.cpus) clock.advance(OP_TIME);
    this.#machine.wake(this.task);
    for (let i = 0; !this.task.onCpu && i < 100; i++) this.#machine.schedule(this.#cpu);
  }

  /** Runs something as another user. */
  as<T>(identity: string, action: () => T): T {
    const { task } = this;
    if (identity === 'root') return action();
    if (identity !== 'nobody') throw new StepError(`there is no identity '${identity}': root or nobody`);
    task.privileged = false;
    task.uid = NOBODY;
    try {
      return action();
    } finally {
      task.privileged = true;
      task.uid = 0;
    }
  }

  /** Loads or stores in user mode. */
  access(kind: Access['kind'], address: bigint, size: number): void {
    const value = BigInt.asUintN(8 * size, 0x99n);
    const access: Access = kind === 'read' ? { kind, address, size } : { kind, address, size, value };
    this.execute({ pc: RECORDER_TEXT, length: INSTRUCTION, accesses: [access] });
  }

  /** Makes accesses in kernel mode, one by one, as a copy loop does. */
  accessInKernel(accesses: readonly Access[]): void {
    if (accesses.length === 0) return;
    const instructions = accesses.map((access) => ({ pc: this.#kernelText, length: 4, accesses: [access] }));
    this.execute({ pc: RECORDER_TEXT, length: INSTRUCTION, syscall: program(instructions) });
  }

  /** Takes the signals that are pending, the lowest number first. */
  takeSignals(): Task['pending'] {
    const number = (signal: string): number => Number(/\d+$/.exec(signal)?.[0] ?? -1);
    return this.task.pending.splice(0).sort((a, b) => number(a.si_signo) - number(b.si_signo));
  }

  /**
   * Executes an instruction in user mode. `most`: instructions that the machine executes for it, at most; `turn`: at a
   * time, for a system call that takes many.
   */
  execute(instruction: Instruction, { most = MOST_STEPS, turn = 1 } = {}): void {
    this.#commands.push(instruction);
    this.#machine.wake(this.task);
    // One at a time, so that it is not taken off its CPU for having nothing more to do.
    for (let left = most; left > 0; left -= turn) {
      this.#machine.run(turn);
      if (this.#commands.state === 'starved' && this.task.context.mode === 'user') break;
    }
    this.wake();
  }
}

/** uid and gid of `nobody`. */
const NOBODY = 65534;

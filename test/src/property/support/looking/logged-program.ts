import type { Access, Cpu, Instruction, Program, ProgramState } from '@hwbp/core';
import type { Code, Step } from './plan.js';
import type { Scene } from './scene.js';

const LENGTH = 4;
/** System calls inside system calls. */
const DEEPEST = 2;

/** Executes the steps of a random program, and logs what has retired. */
export class LoggedProgram implements Program {
  /** Waits until somebody wakes its task. */
  asleep = false;
  readonly #scene: Scene;
  readonly #code: Code;
  readonly #base: bigint;
  readonly #forever: boolean;
  readonly #depth: number;
  #next = 0;
  /** Iterations of a repeated instruction that are over. */
  #repeated = 0;
  /** The value that was loaded last. */
  #value = 1n;
  #current: Instruction | undefined;
  /** What the latest instruction did, if that comes before the next one. */
  #owed: Step | undefined;

  constructor(scene: Scene, code: Code, base: bigint, forever: boolean, depth = 0) {
    this.#scene = scene;
    this.#code = code;
    this.#base = base;
    this.#forever = forever;
    this.#depth = depth;
  }

  get state(): ProgramState {
    if (this.asleep) return 'starved';
    return this.#code.length > 0 && (this.#forever || this.#next < this.#code.length) ? 'ready' : 'done';
  }

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget && this.state === 'ready') {
      if (this.#owed !== undefined) {
        const step = this.#owed;
        this.#owed = undefined;
        this.#perform(cpu, step);
        if (cpu.attention) break;
      }
      if (this.#execute(cpu)) retired++;
      if (cpu.attention) break;
    }
    return retired;
  }

  /** True if it has retired. */
  #execute(cpu: Cpu): boolean {
    const { machine } = this.#scene.kernel;
    const index = this.#next % this.#code.length;
    const step = this.#code[index] as Step;
    // As it is when the instruction begins: a system call ends in the other mode.
    const { mode } = cpu.context;
    const task = machine.current(cpu);
    this.#current ??= this.#instruction(cpu, step, index);
    const { pc, accesses = [], repeat } = this.#current;
    const loaded = cpu.execute(this.#current);
    if (loaded === undefined) return false;
    const values = [...loaded];
    const done = accesses.map(({ kind, address, size, value }) => {
      const read = kind === 'write' ? '' : `=${values.shift()?.toString(16)}`;
      const written = value === undefined ? '' : `<-${value.toString(16)}`;
      return `${kind} ${address.toString(16)}/${size}${read}${written}`;
    });
    this.#scene.note(cpu, `executed ${task?.pid} ${mode} ${pc.toString(16)} ${done.join(', ')}`);
    this.#current = undefined;
    if (loaded.length > 0) this.#value = loaded.at(-1) as bigint;
    this.#repeated = repeat === true ? this.#repeated + 1 : 0;
    if (repeat === true) return true;
    this.#next = this.#behind(step);
    if (this.#scene.plan.deferred && step.op !== 'sleep') this.#owed = step;
    else this.#perform(cpu, step);
    return true;
  }

  #behind(step: Step): number {
    if (step.op !== 'branch' || (this.#value & 1n) === 0n) return this.#next + 1;
    return this.#next + 1 + step.over;
  }

  #instruction(cpu: Cpu, step: Step, index: number): Instruction {
    const pc = this.#base + BigInt(LENGTH * index);
    const to = this.#behind(step);
    const next = this.#forever ? this.#base + BigInt(LENGTH * (to % this.#code.length)) : pc + BigInt(LENGTH);
    const plain = { pc, length: LENGTH, next };
    switch (step.op) {
      case 'load':
      case 'store':
      case 'both': {
        const { size } = step;
        const address = this.#word(cpu, step.word) + BigInt(step.offset);
        const value = BigInt.asUintN(8 * size, this.#value + 1n);
        const load: Access = { kind: 'read', address, size };
        const store: Access = { kind: 'write', address, size, value };
        const accesses = { load: [load], store: [store], both: [load, store] }[step.op];
        return { ...plain, accesses };
      }
      case 'set':
        return {
          ...plain,
          accesses: [{ ...this.#access(cpu, step.word), kind: 'readwrite', value: BigInt(step.value) }],
        };
      case 'reserve':
        return { ...plain, reserve: true, accesses: [this.#access(cpu, step.word)] };
      case 'repeat': {
        const repeat = this.#repeated < step.times;
        const access = this.#access(cpu, step.word + this.#repeated);
        return { ...plain, accesses: [access], repeat, ...(repeat ? { next: pc } : {}) };
      }
      case 'shadow':
        return { ...plain, shadow: true };
      case 'trap':
        return cpu.context.mode === 'user' ? { ...plain, trap: 'breakpoint' } : plain;
      case 'syscall':
        return this.#depth < DEEPEST ? { ...plain, syscall: () => this.#called(step.code) } : plain;
      default:
        return plain;
    }
  }

  #called(code: number): LoggedProgram {
    const { plan } = this.#scene;
    const steps = plan.codes[code % plan.codes.length] as Code;
    return new LoggedProgram(this.#scene, steps, this.#scene.text(code, 0, 'kernel'), false, this.#depth + 1);
  }

  #word(cpu: Cpu, n: number): bigint {
    return cpu.context.mode === 'kernel' ? this.#scene.kernelWord(n) : this.#scene.userWord(n);
  }

  #access(cpu: Cpu, word: number): Access {
    return { kind: 'read', address: this.#word(cpu, word), size: 4 };
  }

  #perform(cpu: Cpu, step: Step): void {
    const scene = this.#scene;
    const { machine } = scene.kernel;
    const cpuOf = (n: number): Cpu => machine.cpu(n % machine.cpus.length);
    switch (step.op) {
      case 'fork':
        scene.fork(cpu, step.thread, step.code);
        return;
      case 'wake':
        scene.wake(step.task);
        return;
      case 'signal':
      case 'halt':
      case 'move': {
        const task = scene.task(step.task);
        if (task === undefined) return;
        if (step.op === 'move') machine.setAffinity(task, [step.cpu % machine.cpus.length]);
        else if (step.op === 'halt') machine.halt(task);
        else machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
        return;
      }
      case 'interrupt':
        cpuOf(step.cpu).interrupts.raise(step.line);
        return;
      case 'alarm': {
        const { alarms, clock, interrupts } = cpuOf(step.cpu);
        const alarm = alarms.create({ expired: () => interrupts.raise(step.line) });
        alarms.set(alarm, clock.now + step.after);
        return;
      }
      case 'sleep':
        // Only what a task began with can be woken.
        this.asleep = this.#depth === 0 && this.#forever;
        return;
      case 'exit': {
        const task = machine.current(cpu);
        if (task !== undefined && scene.tasks.length > 1) machine.exit(task);
        return;
      }
    }
  }
}

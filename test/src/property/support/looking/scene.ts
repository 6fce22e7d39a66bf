import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  architecture,
  type Clock,
  type Cpu,
  composeKernel,
  type Kernel,
  type KernelSymbol,
  program as makeProgram,
  nullBackend,
  perfEvents,
  type SlotPolicyPlugin,
  type Task,
  VirtualClock,
} from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { history } from '@hwbp/history';
import { Kgdb } from '@hwbp/kgdb';
import { Perf } from '@hwbp/perf';
import { LoggedProgram } from './logged-program.js';
import type { Code, KernelPlan } from './plan.js';

/** The architectures that kernels are composed of. */
export const ARCHITECTURES = {
  x86: () => x86(),
  'x86 32': () => x86({ bits: 32 }),
  'ppc64 power7': () => ppc64({ cpu: 'power7' }),
  'ppc64 power8': () => ppc64({ cpu: 'power8', byteOrder: 'big', pageSize: 4096 }),
  'ppc64 power9': () => ppc64({ cpu: 'power9' }),
  'ppc64 power10': () => ppc64({ cpu: 'power10' }),
  arm64: () => arm64(),
  none: () => architecture(nullBackend()),
} as const satisfies Record<string, () => Architecture>;

export type ArchitectureName = keyof typeof ARCHITECTURES;
export const SCHEDULERS = ['direct', 'events'] as const;
export type SchedulerName = (typeof SCHEDULERS)[number];

/** What a kernel is composed of, beside what happens in it. */
export interface Composition {
  readonly arch: ArchitectureName;
  readonly scheduler: SchedulerName;
  /** With consumers; a kernel that nobody looks at has none. */
  readonly observed: boolean;
  /** With a history of its registers. */
  readonly history?: boolean;
  /** Who gets a register; left out: as in Linux. */
  readonly slotPolicy?: () => SlotPolicyPlugin;
}

/** Words that everybody races for, in the kernel's memory and in each process. */
const WORDS = 4;
const USER_DATA = 0x60_0000n;
const USER_TEXT = 0x40_0000n;
/** Bytes between the texts of two programs. */
const TEXT_SIZE = 0x400n;
/** Tasks that there may be, the forked ones included. */
const MOST_TASKS = 8;
/** Entries from both ends of a log that failed. */
const SEVERAL = 12;

/** A kernel with tasks that race, and the log of everything that they execute. */
export class Scene {
  readonly kernel: Kernel;
  readonly plan: KernelPlan;
  readonly log: string[] = [];
  /** In the order of their beginning; the dead stay. */
  readonly tasks: Task[] = [];
  /** What each task began with. */
  readonly programs = new Map<Task, LoggedProgram>();
  /** Kernel addresses of the shared words. */
  readonly shared: bigint;
  readonly kernelText: bigint;

  constructor(plan: KernelPlan, { arch, scheduler, observed, history: remembered = false, slotPolicy }: Composition) {
    this.plan = plan;
    const architectureOf = ARCHITECTURES[arch]();
    const { directMap } = architectureOf.backend.manifest;
    this.shared = directMap;
    this.kernelText = directMap + 0x10_0000n;
    const symbols: KernelSymbol[] = Array.from({ length: WORDS }, (_, n) => ({
      name: `word${n}`,
      address: this.kernelWord(n),
      size: 8,
    }));
    const events = scheduler === 'events';
    this.kernel = composeKernel({
      arch: architectureOf,
      cpus: plan.cpus,
      quantum: plan.quantum,
      tick: plan.tick,
      createClock: (cpu): Clock => new VirtualClock(plan.units[cpu % plan.units.length] ?? 1000),
      symbols,
      strict: plan.strict,
      plugins: [
        ...(remembered ? [history()] : []),
        ...(observed ? [KsymTracer, ...(arch === 'none' ? [] : [Kgdb]), ...(events ? [Perf] : [])] : []),
      ],
      ...(slotPolicy === undefined ? {} : { slotPolicy: slotPolicy() }),
      ...(events ? { breakpointScheduler: perfEvents({ sampleRate: plan.sampleRate }) } : {}),
    });
    const { machine } = this.kernel;
    machine.physical.allocate();
    this.#follow();
    for (const { code, mode, affinity } of plan.tasks) {
      const program = new LoggedProgram(this, plan.codes[code % plan.codes.length] ?? [], this.#at(code, mode), true);
      const cpus = affinity.map((cpu) => cpu % plan.cpus);
      const task = machine.spawn(() => program, { mode, ...(cpus.length > 0 ? { affinity: cpus } : {}) });
      this.#admit(task, program);
    }
  }

  /** The n-th shared word of the kernel. */
  kernelWord(n: number): bigint {
    return this.shared + BigInt(8 * (n % WORDS));
  }

  /** The n-th word of a process, which its threads share. */
  userWord(n: number): bigint {
    return USER_DATA + BigInt(8 * (n % WORDS));
  }

  /** Where the n-th program has its text. */
  #at(code: number, mode: 'user' | 'kernel'): bigint {
    return (mode === 'kernel' ? this.kernelText : USER_TEXT) + TEXT_SIZE * BigInt(code % this.plan.codes.length);
  }

  /** Addresses of instructions that are executed. */
  text(code: number, step: number, mode: 'user' | 'kernel'): bigint {
    const { length } = this.plan.codes[code % this.plan.codes.length] as Code;
    return this.#at(code, mode) + BigInt(4 * (step % length));
  }

  get count(): number {
    return this.kernel.machine.count;
  }

  /** Instructions left until the end. */
  get left(): number {
    return this.plan.length - this.count;
  }

  fork(cpu: Cpu, thread: boolean, code: number): void {
    const { machine } = this.kernel;
    const parent = machine.current(cpu);
    if (parent === undefined || !parent.alive || this.tasks.length >= MOST_TASKS) return;
    const mode = parent.kernelThread ? 'kernel' : 'user';
    const steps = this.plan.codes[code % this.plan.codes.length] as Code;
    const program = new LoggedProgram(this, steps, this.#at(code, mode), true);
    this.#admit(
      machine.fork(parent, () => program, { thread }),
      program,
    );
  }

  task(n: number): Task | undefined {
    const task = this.tasks[n % this.tasks.length];
    return task?.alive === true ? task : undefined;
  }

  /** Ends the sleep of a task, or its being stopped. */
  wake(n: number): void {
    const task = this.task(n);
    if (task === undefined) return;
    const program = this.programs.get(task);
    if (program !== undefined) program.asleep = false;
    this.kernel.machine.wake(task);
  }

  note(cpu: Cpu, text: string): void {
    this.log.push(`${cpu.retired} ${text} cpu${cpu.index} @${cpu.clock.now}`);
  }

  /** Everything that has been executed, and what memory and registers hold. */
  get outcome(): readonly string[] {
    // What happens between two instructions belongs to the one behind it, which has not been executed yet.
    const last = this.log.findLastIndex((line) => line.includes('executed'));
    const { machine } = this.kernel;
    const kernel = Buffer.from(machine.kernelMemory.read(this.shared, 8 * WORDS)).toString('hex');
    const tasks = this.tasks.map((task) => {
      const { context, instructions, memory, cpu } = task;
      const words = Buffer.from(memory.read(this.userWord(0), 8 * WORDS)).toString('hex');
      const { mode, pc } = context;
      return `task ${task.pid} on ${cpu}: ${mode} ${pc.toString(16)}, ${instructions} instructions, ${words}`;
    });
    const clocks = machine.cpus.map(({ clock, instructions }) => `${instructions} @${clock.now}`);
    return [...this.log.slice(0, last + 1), `memory ${kernel}`, ...tasks, ...clocks];
  }

  [Symbol.dispose](): void {
    this.kernel[Symbol.dispose]();
  }

  #admit(task: Task, program: LoggedProgram): void {
    this.tasks.push(task);
    this.programs.set(task, program);
    // Ignored, the SIGTRAP of an exception would kill (Linux: force_sig_fault).
    task.handlers.set('SIGTRAP', makeProgram([]));
    const { handler } = this.plan;
    task.handlers.set('SIGUSR1', () => new LoggedProgram(this, handler, USER_TEXT - TEXT_SIZE, false));
  }

  /** What is not an instruction has its place in the order too. */
  #follow(): void {
    const { hooks, cpus } = this.kernel.machine;
    const where = (task: Task): Cpu => cpus[task.cpu] as Cpu;
    hooks.tick.add((cpu) => this.note(cpu, 'tick'));
    hooks.contextSwitch.add((cpu, from, to) => this.note(cpu, `switch ${from?.pid ?? '-'} ${to?.pid ?? '-'}`));
    hooks.exit.add((task) => this.note(where(task), `exit ${task.pid}`));
    hooks.signal.add((task, { si_signo }) => this.note(where(task), `${si_signo} for ${task.pid}`));
    hooks.stop.add((task) => this.note(where(task), `stop ${task.pid}`));
    hooks.interrupt.add((cpu, line) => {
      this.note(cpu, `interrupt ${line}`);
      this.wake(line);
    });
  }
}

/** Where two outcomes begin to differ; `undefined`: nowhere. */
export function difference(expected: readonly string[], found: readonly string[]): string | undefined {
  const length = Math.max(expected.length, found.length);
  for (let i = 0; i < length; i++) {
    if (expected[i] === found[i]) continue;
    const before = expected.slice(Math.max(0, i - SEVERAL), i);
    return [
      ...before.map((line) => `  ${line}`),
      ...expected.slice(i, i + SEVERAL).map((line) => `- ${line}`),
      ...found.slice(i, i + SEVERAL).map((line) => `+ ${line}`),
    ].join('\n');
  }
  return undefined;
}

import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Architecture, HW_BREAKPOINT_W, type Kernel, NOTIFY_DONE, priorities, type Task } from '@hwbp/core';
import { Kwatch } from '@hwbp/kwatch';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import { NUMBERS } from '@hwbp/syscalls';
import { play, toItsEnd } from './play.js';
import { assemblePrograms } from './programs.js';

/*
 * The scenario of the kwatch mails of February 2007: somebody debugs `visit` and watches its variables, and the kernel
 * watches `ticks`, which only the timer's interrupt counts in. The system call stores to both of the task's variables;
 * where an interrupt comes in between there are a user hit, a kernel hit in an interrupt handler, and another user hit,
 * all inside one system call.
 */

/** What a debugger does with a task. */
interface Debugger {
  /** Sets the watches on the task's variables, which begin at an address: 16 bytes. */
  watch(tracer: Tracer, task: Task, numbers: bigint): void;
  /** Behind each system call that has stopped the task. `told`: what the kernel's consumer was told meanwhile. */
  stopped(tracer: Tracer, task: Task, told: readonly string[], at: bigint | undefined): void;
}

/** Plays it: `visit` runs under a debugger, beside a watch of the kernel that tells what each hit came in. */
async function playWith(
  arch: string,
  architecture: Architecture,
  { watch, stopped }: Debugger,
  before: (kernel: Kernel) => void = () => {},
): Promise<void> {
  const numbers = assemblePrograms(NUMBERS.x86_64).resolve('numbers');
  let told: string[] = [];
  const { kernel } = await play(['--arch', arch, '--lock', 'none', '--cpus', '1', '--timer', '47', '--type', 'visit'], {
    plugins: [Ptrace, Kwatch],
    kernel: { arch: architecture, slotPolicy: priorities() },
    before: (composed) => {
      const address = composed.symbols.lookup('ticks')?.address ?? 0n;
      const triggered = (_: unknown, { context }: { readonly context: string }) => void told.push(context);
      composed.get(Kwatch).registerKernel({ address, length: 8, type: HW_BREAKPOINT_W, triggered });
      composed.machine.hooks.exec.add((task) => composed.machine.stop('it begins', task));
      before(composed);
    },
    run: (composed) => {
      const task = composed.machine.run().detail as Task;
      const tracer = composed.get(Ptrace).tracer('debugger');
      tracer.attach(task);
      tracer.wait(task);
      watch(tracer, task, numbers);
      for (;;) {
        told = [];
        tracer.cont(task);
        const status = tracer.wait(task);
        if (status?.kind !== 'signal') return toItsEnd(composed);
        const { si_addr } = status.info;
        stopped(tracer, task, told, si_addr === undefined ? undefined : si_addr - numbers);
      }
    },
  });
  kernel.dispose();
}

/** One system call of the traced task on x86. */
export interface SeenOnX86 {
  /** What was hit, in order: by whom it was watched, and what the CPU executed for. */
  readonly hits: readonly string[];
  /** What the kernel's consumer was told: `Hit.context`. */
  readonly told: readonly string[];
  /** The traced task's DR6 behind the call, by ptrace: its low four bits. */
  readonly dr6: bigint;
}

/** DR7: registers 0 and 1 watch stores of 8 bytes. */
const TWO_STORES = (0b1001_1001n << 16n) | 0b0101n;

/** On x86: whose hits they were is told by the bits of the virtual DR6, as it was agreed upon in 2007. */
export async function scenarioOnX86(): Promise<readonly SeenOnX86[]> {
  const calls: SeenOnX86[] = [];
  let hits: string[] = [];
  const dr = (tracer: Tracer, register: number): number => tracer.debugOffset(register);
  const watching: Debugger = {
    watch(tracer, task, numbers) {
      tracer.pokeUser(task, dr(tracer, 0), numbers);
      tracer.pokeUser(task, dr(tracer, 1), numbers + 8n);
      tracer.pokeUser(task, dr(tracer, 7), TWO_STORES);
      hits = [];
    },
    stopped(tracer, task, told) {
      calls.push({ hits, told, dr6: tracer.peekUser(task, dr(tracer, 6)) & 0xfn });
      hits = [];
      tracer.pokeUser(task, dr(tracer, 6), 0n);
    },
  };
  await playWith('x86', x86({ accumulateDr6: true }), watching, ({ machine }) => {
    // In front of everybody: DR6 as the silicon has set it. Users have the low registers, the kernel the high ones.
    machine.dieChain.register(({ cpu, event, status }) => {
      const whose = (status & 0b11) === 0 ? 'kernel' : 'user';
      if (event === 'debug') hits.push(`${whose} in ${machine.interrupts.contextOf(cpu)}`);
      return NOTIFY_DONE;
    }, Number.MAX_SAFE_INTEGER);
  });
  return calls;
}

/** One system call of the traced task on POWER10. */
export interface SeenOnPower {
  readonly told: readonly string[];
  /** Which byte of the task's variables the signal names. */
  readonly at: bigint | undefined;
}

/**
 * On POWER10, which has no DR6: a watch of ptrace's is used up by its first hit, and its signal says which it was. So
 * the second hit of the user is nobody's, and the debugger sets its watch again behind every stop.
 */
export async function scenarioOnPower(): Promise<readonly SeenOnPower[]> {
  const calls: SeenOnPower[] = [];
  let start = 0n;
  let handle = 0;
  const range = (): Parameters<Tracer['setHwDebug']>[1] => ({
    version: 1,
    trigger_type: 4,
    addr_mode: 1,
    condition_mode: 0,
    condition_value: 0n,
    addr: start,
    addr2: start + 16n,
  });
  await playWith('ppc64', ppc64({ cpu: 'power10' }), {
    watch(tracer, task, numbers) {
      start = numbers;
      handle = tracer.setHwDebug(task, range());
    },
    stopped(tracer, task, told, at) {
      calls.push({ told, at });
      tracer.delHwDebug(task, handle);
      handle = tracer.setHwDebug(task, range());
    },
  });
  return calls;
}

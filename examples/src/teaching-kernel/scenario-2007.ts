import { x86 } from '@hwbp/arch-x86';
import { HW_BREAKPOINT_W, NOTIFY_DONE, priorities, type Task } from '@hwbp/core';
import { Kwatch } from '@hwbp/kwatch';
import { Ptrace } from '@hwbp/ptrace';
import { NUMBERS } from '@hwbp/syscalls';
import { play, toItsEnd } from './play.js';
import { assemblePrograms } from './programs.js';

/** One system call of the traced task, as far as debug registers saw it. */
export interface Seen {
  /** What was hit, in order: by whom it was watched, and what the CPU executed for. */
  readonly hits: readonly string[];
  /** What the kernel's consumer was told: `Hit.context`. */
  readonly told: readonly string[];
  /** The traced task's DR6 behind the call, by ptrace: its low four bits. */
  readonly dr6: bigint;
}

/** DR7: registers 0 and 1 watch stores of 8 bytes. */
const TWO_STORES = (0b1001_1001n << 16n) | 0b0101n;

/**
 * The scenario of the kwatch mails of February 2007: somebody debugs `visit` with two watches of its own, and the kernel
 * watches `ticks`, which the timer's interrupt counts in. The system call stores to both of the task's variables, and an interrupt may come in between.
 */
export async function scenario2007(): Promise<readonly Seen[]> {
  const calls: Seen[] = [];
  const numbers = assemblePrograms(NUMBERS.x86_64).resolve('numbers');
  let [hits, told]: [string[], string[]] = [[], []];
  const { kernel } = await play(['--lock', 'none', '--cpus', '1', '--timer', '47', '--type', 'visit'], {
    plugins: [Ptrace, Kwatch],
    kernel: { arch: x86({ accumulateDr6: true }), slotPolicy: priorities() },
    before: (composed) => {
      const { machine, symbols } = composed;
      const address = symbols.lookup('ticks')?.address ?? 0n;
      composed.get(Kwatch).registerKernel({
        address,
        length: 8,
        type: HW_BREAKPOINT_W,
        triggered: (_, { context }) => void told.push(context),
      });
      // In front of everybody: DR6 as the silicon has set it.
      machine.dieChain.register(({ cpu, event, status }) => {
        const whose = (status & 0b11) === 0 ? 'kernel' : 'user';
        if (event === 'debug') hits.push(`${whose} in ${machine.interrupts.contextOf(cpu)}`);
        return NOTIFY_DONE;
      }, Number.MAX_SAFE_INTEGER);
      machine.hooks.exec.add((task) => machine.stop('it begins', task));
    },
    run: (composed) => {
      const task = composed.machine.run().detail as Task;
      const tracer = composed.get(Ptrace).tracer('debugger');
      const dr = (register: number): number => tracer.debugOffset(register);
      tracer.attach(task);
      tracer.wait(task);
      tracer.pokeUser(task, dr(0), numbers);
      tracer.pokeUser(task, dr(1), numbers + 8n);
      tracer.pokeUser(task, dr(7), TWO_STORES);
      for (;;) {
        [hits, told] = [[], []];
        tracer.cont(task);
        if (tracer.wait(task)?.kind !== 'signal') return toItsEnd(composed);
        calls.push({ hits, told, dr6: tracer.peekUser(task, dr(6)) & 0xfn });
        tracer.pokeUser(task, dr(6), 0n);
      }
    },
  });
  kernel.dispose();
  return calls;
}

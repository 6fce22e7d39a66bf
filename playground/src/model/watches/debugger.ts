import { HW_BREAKPOINT_X, type Kernel, SI_CODES, type Task } from '@hwbp/core';
import { Ptrace, type Tracer, type WaitStatus } from '@hwbp/ptrace';
import type { DebuggerInterface } from '../models.js';
import type { PlacedWatch } from './place.js';
import type { WatchSetting } from './setting.js';
import { type Registers, registersOf } from './user-registers.js';

/** What a debugger tells of. */
export interface DebuggerListener {
  /** A tracee stopped for a watch. */
  stopped(task: Task, what: string): void;
  refused(index: number, error: unknown): void;
}

/** A watch that a debugger sets as soon as its tracee has stopped. */
interface Wanted {
  readonly index: number;
  readonly task: Task;
  readonly number: number;
  readonly setting: WatchSetting;
  state: 'pending' | 'set' | 'leaving' | 'gone';
  hits: number;
}

/**
 * A debugger in user space that does what gdb does: it attaches, sets its watches where the architecture has them, lets
 * its tracee go on, and notes each stop. Where the silicon tells before the access it steps over it with its watches
 * out of the way.
 */
export class Debugger {
  readonly #kernel: Kernel;
  readonly #tracer: Tracer;
  readonly #registers: Registers;
  readonly #listener: DebuggerListener;
  readonly #wanted: Wanted[] = [];
  readonly #stepping = new Set<Task>();
  readonly #kind: DebuggerInterface;

  constructor(kernel: Kernel, kind: DebuggerInterface, listener: DebuggerListener) {
    this.#kernel = kernel;
    this.#kind = kind;
    this.#tracer = kernel.get(Ptrace).tracer('gdb');
    this.#registers = registersOf(kind, this.#tracer);
    this.#listener = listener;
    // Whoever runs the machine serves the debugger then: what it does belongs between two instructions.
    kernel.machine.hooks.stop.add(() => kernel.machine.stop('a tracee has stopped'));
  }

  /** Wants a watch: it is set when the tracee has stopped. */
  watch(index: number, task: Task, setting: WatchSetting): PlacedWatch {
    const taken = this.#wanted.filter((one) => one.task === task && one.state !== 'gone').map(({ number }) => number);
    let number = 0;
    while (taken.includes(number)) number++;
    const wanted: Wanted = { index, task, number, setting, state: 'pending', hits: 0 };
    this.#wanted.push(wanted);
    this.#call(task);
    return {
      get hits() {
        return wanted.hits;
      },
      get active() {
        return wanted.state === 'set';
      },
      release: () => {
        wanted.state = wanted.state === 'set' ? 'leaving' : 'gone';
        if (wanted.state === 'leaving' && task.alive) this.#call(task);
      },
    };
  }

  /** Answers every stop that there is: call it whenever the machine has stopped. */
  serve(): void {
    for (const task of [...this.#tracer.tracees]) {
      for (let status = this.#tracer.poll(task); status !== undefined; status = this.#tracer.poll(task)) {
        this.#answer(task, status);
      }
    }
  }

  /** Stops a task, which is a tracee from now on. */
  #call(task: Task): void {
    if (!this.#tracer.tracees.includes(task)) this.#tracer.attach(task);
    else this.#kernel.machine.sendSignal(task, { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER });
  }

  #answer(task: Task, status: WaitStatus): void {
    if (status.kind !== 'signal') return;
    const { si_signo, si_addr } = status.info;
    if (si_signo === 'SIGTRAP' && this.#stepping.delete(task)) this.#arm(task);
    else if (si_signo === 'SIGTRAP') {
      const hit = this.#hit(task, si_addr);
      const seen = hit === undefined ? '' : `, where it sees ${this.#see(hit)}`;
      this.#listener.stopped(
        task,
        `gdb: SIGTRAP${si_addr === undefined ? '' : ` at 0x${si_addr.toString(16)}`}${seen}`,
      );
      if (hit !== undefined && this.#isBefore(hit.setting)) {
        for (const one of this.#of(task, 'set')) this.#registers.clear(task, one.number);
        this.#stepping.add(task);
        this.#tracer.singleStep(task);
        return;
      }
    }
    this.#change(task);
    if (si_signo === 'SIGTRAP' || si_signo === 'SIGSTOP') this.#tracer.cont(task);
    else this.#tracer.cont(task, si_signo);
  }

  /** Which watch a stop is about: that of the address, or the only one. */
  #hit(task: Task, address: bigint | undefined): Wanted | undefined {
    const set = this.#of(task, 'set');
    const near = ({ setting: { bp_addr, bp_len } }: Wanted): boolean =>
      address !== undefined && address >= bp_addr - 8n && address < bp_addr + BigInt(bp_len);
    const hit = set.find(near) ?? set[0];
    if (hit !== undefined) hit.hits++;
    return hit;
  }

  /** What its tracee has in memory where it watches: before or after the access, as the silicon tells. */
  #see({ task, setting: { bp_addr, bp_len, bp_type } }: Wanted): string {
    if (bp_type === HW_BREAKPOINT_X) return 'the instruction not executed';
    return String(task.memory.readInteger(bp_addr, Math.min(8, bp_len)));
  }

  /** x86 passes by an execute breakpoint once by itself. */
  #isBefore({ bp_type }: WatchSetting): boolean {
    const { timing, resumeFlag } = this.#kernel.breakpoints.manifest;
    if (bp_type === HW_BREAKPOINT_X) return timing.execute === 'before' && !(resumeFlag && this.#kind === 'x86');
    return timing.data === 'before';
  }

  #arm(task: Task): void {
    for (const one of this.#of(task, 'set')) this.#set(one);
  }

  /** What was asked for meanwhile. */
  #change(task: Task): void {
    for (const one of this.#of(task, 'leaving')) {
      this.#registers.clear(task, one.number);
      one.state = 'gone';
    }
    for (const one of this.#of(task, 'pending')) this.#set(one);
  }

  #set(wanted: Wanted): void {
    try {
      this.#registers.set(wanted.task, wanted.number, wanted.setting);
      wanted.state = 'set';
    } catch (error) {
      wanted.state = 'gone';
      this.#listener.refused(wanted.index, error);
    }
  }

  #of(task: Task, state: Wanted['state']): readonly Wanted[] {
    return this.#wanted.filter((one) => one.task === task && one.state === state);
  }
}

import {
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  hex,
  type Kernel,
  REGISTERS,
  SI_CODES,
  symbolize,
  type Task,
  USER_DEBUGGERS,
} from '@hwbp/core';
import { Ptrace, type Tracer, type WaitStatus } from '@hwbp/ptrace';
import { valueAt } from '../memory-value.js';
import type { DebuggerInterface } from '../models.js';
import { type PlacedWatch, placedState } from './place.js';
import type { WatchSetting } from './setting.js';
import { type Registers, registersOf } from './user-registers.js';

/** What a debugger tells of. */
export interface DebuggerListener {
  /** A tracee stopped for a watch. */
  stopped(task: Task, what: string): void;
  /** A tracee has stepped over the access that it stopped at. */
  stepped(task: Task, what: string): void;
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
  /** Tasks that step, and over which watch. */
  readonly #stepping = new Map<Task, Wanted>();
  readonly #kind: DebuggerInterface;

  constructor(kernel: Kernel, kind: DebuggerInterface, listener: DebuggerListener) {
    this.#kernel = kernel;
    this.#kind = kind;
    this.#tracer = kernel.get(Ptrace).tracer('gdb');
    this.#registers = registersOf(kind, this.#tracer);
    this.#listener = listener;
    kernel.get(REGISTERS).hooks.hit.add(({ owner, task, attr }) => {
      if (owner !== USER_DEBUGGERS) return;
      for (const one of this.#wanted) if (one.task === task && isOf(attr, one.setting)) one.hits++;
    });
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
    const state = () => this.#stateOf(wanted);
    return {
      get hits() {
        return wanted.hits;
      },
      get state() {
        return state();
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

  #stateOf({ task, state, setting }: Wanted): PlacedWatch['state'] {
    if (state === 'pending' && task.alive) return 'its debugger waits for the task to stop';
    if (this.#stepping.has(task)) return 'out of the way while its debugger steps';
    const active = this.#kernel.breakpoints.registered.some(
      (one) => one.owner === USER_DEBUGGERS && one.task === task && one.state === 'active' && isOf(one.attr, setting),
    );
    return placedState(this.#kernel, task, active);
  }

  #answer(task: Task, status: WaitStatus): void {
    if (status.kind !== 'signal') return;
    const { si_signo, si_addr } = status.info;
    const stepped = si_signo === 'SIGTRAP' ? this.#stepping.get(task) : undefined;
    if (stepped !== undefined) {
      this.#stepping.delete(task);
      this.#arm(task);
      this.#listener.stepped(
        task,
        `gdb: the instruction has executed, ${this.#see(stepped)}; its watches are set again`,
      );
    } else if (si_signo === 'SIGTRAP') {
      const hit = this.#hit(task, si_addr);
      this.#listener.stopped(task, this.#told(task, si_addr, hit));
      if (hit !== undefined && this.#isBefore(hit.setting)) {
        for (const one of this.#of(task, 'set')) this.#registers.clear(task, one.number);
        this.#stepping.set(task, hit);
        this.#tracer.singleStep(task);
        return;
      }
    }
    this.#change(task);
    if (si_signo === 'SIGTRAP' || si_signo === 'SIGSTOP') this.#tracer.cont(task);
    else this.#tracer.cont(task, si_signo);
  }

  /** Everything that a debugger has of a stop. */
  #told(task: Task, address: bigint | undefined, hit: Wanted | undefined): string {
    const { pc } = task.context;
    const parts = ['gdb: SIGTRAP'];
    if (address !== undefined) {
      const of = address === pc ? 'the pc' : 'the address of the data';
      parts.push(`si_addr ${hex(address)} is ${of}`);
    }
    const registers = this.#registers.status?.(task).text;
    if (registers !== undefined) parts.push(registers);
    const { timing } = this.#kernel.breakpoints.manifest;
    const when = hit?.setting.bp_type === HW_BREAKPOINT_X ? timing.execute : timing.data;
    parts.push(`pc ${symbolize(this.#kernel.symbols, pc)} is ${when === 'before' ? 'at' : 'behind'} the instruction`);
    if (hit !== undefined) parts.push(this.#see(hit));
    if (hit !== undefined && this.#isBefore(hit.setting))
      parts.push('it takes its watches out and steps over the instruction');
    return parts.join('; ');
  }

  /**
   * The watch that a stop is about, of several the first: registers say it, or its address does, or there is but one.
   */
  #hit(task: Task, address: bigint | undefined): Wanted | undefined {
    const set = this.#of(task, 'set');
    const near = ({ setting: { bp_addr, bp_len } }: Wanted): boolean =>
      address !== undefined && address >= bp_addr - 8n && address < bp_addr + BigInt(bp_len);
    const numbers = this.#registers.status?.(task).hit;
    const found = numbers === undefined ? set.filter(near) : set.filter(({ number }) => numbers.includes(number));
    return found[0] ?? (set.length === 1 ? set[0] : undefined);
  }

  /** What its tracee has in memory where it watches: before or after the access, as the silicon tells. */
  #see({ task, setting: { bp_addr, bp_len, bp_type } }: Wanted): string {
    const name = symbolize(this.#kernel.symbols, bp_addr);
    return bp_type === HW_BREAKPOINT_X ? `it is ${name}` : `${name} is ${valueAt(task.memory, bp_addr, bp_len)}`;
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

/** A breakpoint of a task's is what became of a setting, which the architecture may have aligned. */
function isOf({ bp_addr, bp_len }: HwBreakpointAttr, setting: WatchSetting): boolean {
  return bp_addr <= setting.bp_addr && setting.bp_addr < bp_addr + BigInt(bp_len);
}

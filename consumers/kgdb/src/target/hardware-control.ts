import { kgdbError } from '../errors.js';
import type { Progress } from '../rsp/debug-target.js';
import type { ExecutionPort, ResumePlan, Stop, StopReason } from '../rsp/target-port.js';
import { GDB_SIGNALS } from './gdb-signals.js';
import type { HardwareDebugger, HardwareResume, HardwareStop } from './hardware-debugger.js';
import type { HardwareThreads } from './hardware-threads.js';

/** What the control of a computer from outside is made of. */
export interface HardwareControlParts {
  readonly debugger: HardwareDebugger;
  readonly threads: HardwareThreads;
  readonly bias: bigint | undefined;
  notice(text: string): void;
  /** Before the computer goes on. */
  leaving(): void;
  /** Tells whose points were hit; false: nobody has any of them any more. */
  tell(stop: HardwareStop): boolean;
}

/** Stops a computer and lets it go on, from outside. */
export class HardwareControl implements ExecutionPort {
  onStop: (stop: Stop) => void = () => {};
  readonly bias: bigint | undefined;
  readonly #parts: HardwareControlParts;
  #stop: Stop = { kind: 'exited', code: 0 };
  #plan: ResumePlan = {};
  #inside = false;
  #interrupted = false;
  #running = false;

  constructor(parts: HardwareControlParts) {
    this.#parts = parts;
    this.bias = parts.bias;
  }

  get stop(): Stop {
    return this.#stop;
  }

  /** True while the debugger has the computer. */
  get inside(): boolean {
    return this.#inside;
  }

  attach(owner: string): void {
    const { debugger: hardware } = this.#parts;
    hardware.attach({ name: owner, stopped: (stop) => this.#stopped(stop) });
    this.#enter(this.#standing(GDB_SIGNALS.SIGTRAP));
  }

  resume(plan: ResumePlan): void {
    const { threads, leaving } = this.#parts;
    const gone = [plan.step?.thread, ...(plan.threads ?? [])].find(
      (thread) => thread !== undefined && !threads.exists(thread),
    );
    if (gone !== undefined) throw kgdbError('KGDB_NO_THREAD', `thread ${gone} is gone; nothing was resumed`);
    this.#plan = plan;
    leaving();
    this.#inside = false;
    this.#goOn();
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  /** Lets whoever makes the computer execute do so for about `budget` instructions. */
  run(budget: number): Progress {
    if (this.#inside) return 'stopped';
    const { debugger: hardware, notice } = this.#parts;
    if (this.#interrupted) return this.#halt(GDB_SIGNALS.SIGINT);
    this.#running = true;
    let result: ReturnType<HardwareDebugger['run']>;
    try {
      result = hardware.run(budget);
    } finally {
      this.#running = false;
    }
    if (this.#inside) return 'stopped';
    if (hardware.over) {
      this.#enter({ kind: 'exited', code: 0 });
      return 'stopped';
    }
    switch (result.reason) {
      case 'budget':
      case 'suspended':
        return 'budget';
      case 'stopped':
        notice(`the host stopped: ${result.message ?? 'without a reason'}`);
        return this.#halt(GDB_SIGNALS.SIGTRAP);
      case 'starved':
        return 'starved';
      default:
        if (this.#plan.step === undefined) return 'waiting';
        // It has nothing to execute: the step is over.
        hardware.halt();
        this.#enter({ kind: 'stopped', signal: GDB_SIGNALS.SIGTRAP, thread: this.#plan.step.thread });
        return 'stopped';
    }
  }

  /** A point was hit, for this reason. */
  hit({ cpu }: HardwareStop, reason: StopReason): void {
    this.#enter({ kind: 'stopped', signal: GDB_SIGNALS.SIGTRAP, thread: cpu + 1, reason });
  }

  release(): void {
    this.#parts.debugger.detach();
    this.#inside = false;
  }

  // --- private ---

  #goOn(): void {
    const { step, threads } = this.#plan;
    const how: { -readonly [K in keyof HardwareResume]: HardwareResume[K] } = {};
    if (step !== undefined) how.step = step.thread - 1;
    if (threads !== undefined) how.cpus = threads.map((thread) => thread - 1);
    this.#parts.debugger.resume(how);
  }

  /** The computer stands still: by a step, a software breakpoint, or a register. */
  #stopped(stop: HardwareStop): void {
    const thread = stop.cpu + 1;
    const { debugger: hardware, threads } = this.#parts;
    if (stop.cause === 'step') {
      const { step } = this.#plan;
      const pc = threads.context(thread)?.pc;
      if (step !== undefined && pc !== undefined && pc >= step.start && pc < step.end) {
        this.#goOn();
        return;
      }
      this.#enter({ kind: 'stopped', signal: GDB_SIGNALS.SIGTRAP, thread });
    } else if (stop.cause === 'breakpoint') {
      this.#enter({ kind: 'stopped', signal: GDB_SIGNALS.SIGTRAP, thread, reason: { kind: 'swbreak' } });
    } else if (!this.#parts.tell(stop)) {
      this.#enter({ kind: 'stopped', signal: GDB_SIGNALS.SIGTRAP, thread });
    }
    if (this.#running) hardware.interrupt(`${hardware.name} stands still: its debugger has it`);
  }

  #halt(signal: number): Progress {
    this.#parts.debugger.halt();
    this.#enter(this.#standing(signal));
    return 'stopped';
  }

  /** As it stands between two instructions. */
  #standing(signal: number): Stop {
    const latest = this.#stop.kind === 'stopped' ? this.#stop.thread : 0;
    return { kind: 'stopped', signal, thread: this.#parts.threads.preferred(latest, this.#plan.threads) };
  }

  #enter(stop: Stop): void {
    this.#inside = true;
    this.#interrupted = false;
    this.#stop = stop;
    this.onStop(stop);
  }
}

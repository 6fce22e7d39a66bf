import {
  type Context,
  type Cpu,
  type DieRecord,
  Disposables,
  type ExecutionGate,
  type Hit,
  NOBODY_RUNS,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type RunResult,
  type Suspension,
  type Verdict,
} from '@hwbp/core';
import { OWNER, type XmonParts } from './parts.js';
import { type PointHits, Points } from './points/points.js';
import { comesAgain, type Stop, type StopCause } from './stop.js';

/** Before kgdb, which takes every software breakpoint for its own. */
const NOTIFIER_PRIORITY = -0x7fff_fffe;
/** Runs of one instruction in which the instruction that is stepped may not retire, for exceptions that come first. */
const MOST_TRIES = 1000;

/** What became of a step: the instruction retired, or why not. */
export type StepResult = 'stepped' | Pick<RunResult, 'reason' | 'message'>;

/**
 * Stops the world and lets it go on. While xmon has it every CPU is muted and nobody executes; a step executes on one
 * CPU with everything still muted, as Linux's xmon emulates the instruction.
 */
export class World {
  readonly points: Points;
  readonly #parts: XmonParts;
  readonly #entered: (stop: Stop) => void;
  readonly #hooks = new Disposables();
  /** CPUs that stand where they were told to, or have stepped to: a breakpoint there is not news to anybody. */
  readonly #standing = new Set<Cpu>();
  #openGate: () => void = () => {};
  #stop: Stop | undefined;
  /** The exception that xmon was entered in is over: its CPU has stepped. */
  #passed = false;
  /** `X`: what xmon was entered for is left to whoever comes behind it. */
  #declined = false;

  /** `entered`: told whenever xmon has come to have the machine. */
  constructor(parts: XmonParts, entered: (stop: Stop) => void) {
    this.#parts = parts;
    this.#entered = entered;
    const hits: PointHits = {
      data: (hit, point) => this.#hit(hit, { kind: 'data', point }),
      reached: (hit, { number }) => this.#hit(hit, { kind: 'reached', number }),
      completed: (record, { number }) => this.#suspend(record, { kind: 'completed', number }),
    };
    this.points = new Points(parts, hits);
    const notifier = {
      notify: (record: DieRecord): Verdict => this.#notified(record),
      resume: (): Verdict => (this.#declined ? NOTIFY_DONE : NOTIFY_STOP),
    };
    this.#hooks.add(parts.machine.dieChain.register(notifier, NOTIFIER_PRIORITY));
  }

  /** Why xmon has the machine; `undefined`: it has not. */
  get stop(): Stop | undefined {
    return this.#stop;
  }

  /** True for a stop before an access that is still to be made: it is made armed when the machine goes on. */
  get comesAgain(): boolean {
    return this.#stop !== undefined && !this.#passed && comesAgain(this.#stop);
  }

  /** What a CPU works with, or will: `undefined` while it idles. */
  contextOf(cpu: Cpu): Context | undefined {
    const { machine } = this.#parts;
    const running = machine.interrupts.handlerRegisters(cpu) ?? machine.upcoming(cpu)?.context;
    return running ?? (machine.isSuspended(cpu) ? cpu.context : undefined);
  }

  /** Between two instructions. Throws EBUSY with the name of a debugger that has stopped the machine already. */
  enter(cause: StopCause): void {
    if (this.#stop !== undefined) return;
    const { machine } = this.#parts;
    const cpu = machine.next?.cpu ?? machine.onlineCpus[0];
    if (cpu !== undefined) this.#enter({ cpu, cause });
  }

  /** Lets the machine go on. `declined`: an exception that it is inside of gets its default action. */
  leave(declined = false): void {
    const stop = this.#stop;
    if (stop === undefined) return;
    this.#declined = declined;
    for (const cpu of this.#standing) {
      const pc = this.contextOf(cpu)?.pc;
      if (pc !== undefined && this.points.trapAt(pc) !== undefined) this.step(cpu);
    }
    if (stop.record !== undefined && this.comesAgain) stop.record.restart = true;
    this.points.arm();
    this.#stop = undefined;
    this.#gate(undefined);
    this.#parts.breakpoints.debugger.leave();
  }

  /** Lets one CPU execute one instruction, with every register muted and no software breakpoint in place. */
  step(cpu: Cpu): StepResult {
    const { machine } = this.#parts;
    const before = cpu.instructions;
    this.#standing.add(cpu);
    this.#gate({ cpu: (other) => other === cpu, task: () => true });
    try {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const { reason, message = '' } = machine.run(1);
        if (cpu === this.#stop?.cpu) this.#passed = true;
        if (cpu.instructions !== before) return 'stepped';
        if (reason !== 'budget' && reason !== 'suspended') return { reason, message };
      }
      return { reason: 'budget' };
    } finally {
      this.#gate(NOBODY_RUNS);
    }
  }

  /** Takes everything away that it has set, and lets go for good. */
  [Symbol.dispose](): void {
    this.points[Symbol.dispose]();
    this.#hooks[Symbol.dispose]();
    if (this.#stop === undefined) return;
    this.#stop = undefined;
    this.#gate(undefined);
    this.#parts.breakpoints.debugger.leave();
  }

  // --- what happens ---

  /** A breakpoint of xmon's was hit. Only the kernel is debugged, and only while nobody else has the machine. */
  #hit(hit: Hit, cause: StopCause): void {
    if (hit.mode === 'user') return;
    const suspension = this.#suspend(hit.record, cause);
    if (suspension !== undefined) hit.suspend(suspension.reason, suspension.detail);
  }

  #suspend(record: DieRecord, cause: StopCause): Suspension | undefined {
    if (this.#parts.breakpoints.debugger.inside !== undefined) return undefined;
    this.#enter({ cpu: record.cpu, cause, record });
    return { reason: OWNER, detail: this };
  }

  #notified(record: DieRecord): Verdict {
    const { event, cpu } = record;
    const { pc } = cpu.context;
    const entry = event === 'breakpoint' && pc === cpu.pc ? this.points.trapAt(pc) : undefined;
    if (entry === undefined) return NOTIFY_DONE;
    return this.#suspend(record, { kind: 'trap', number: entry.number }) ?? NOTIFY_STOP;
  }

  #enter(stop: Stop): void {
    this.#parts.breakpoints.debugger.enter(OWNER);
    this.#gate(NOBODY_RUNS);
    this.points.disarm();
    this.#stop = stop;
    this.#passed = false;
    this.#declined = false;
    this.#standing.clear();
    if (stop.record !== undefined) this.#standing.add(stop.cpu);
    this.#entered(stop);
  }

  /** One gate of its own at a time, beside those of others; `undefined`: none. */
  #gate(gate: ExecutionGate | undefined): void {
    this.#openGate();
    this.#openGate = gate === undefined ? () => {} : this.#parts.machine.addGate(gate);
  }
}

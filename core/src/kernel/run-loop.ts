import { type Cpu, type CpuRun, type Hardware, hex } from '../hardware/index.js';
import type { ImageReader, ImageValue } from '../image/index.js';
import type { Departure } from './departure.js';
import type { ExceptionInProgress, Suspension, SuspensionKeeper } from './die-chain.js';
import { Execution, type ExecutionParts } from './execution.js';
import { Halt } from './halt.js';
import { IdleTime } from './idle-time.js';
import type { Logger } from './logger.js';
import type { MachineHooks } from './machine-hooks.js';
import { QUANTUM, type RunResult } from './machine-options.js';
import { NoProgress } from './no-progress.js';
import { type TurnPlace, Turns } from './scheduling/turns.js';
import type { KernelTask } from './task.js';

/** What the loop drives. */
export interface RunLoopParts extends Omit<ExecutionParts, 'halt'> {
  readonly hardware: Hardware;
  readonly logger: Logger;
  /** Called when an exception handler has suspended. */
  readonly suspended: MachineHooks['suspend'];
  /** Instructions that a CPU executes before the next has its turn. */
  readonly quantum: number | undefined;
}

/**
 * Exceptions that one instruction may raise, one after the other, before its CPU's turn ends: it will perhaps never
 * retire. If nobody else retires anything either until it has done so again, the run ends.
 */
const MOST_FAULTS = 1000;
/** Turns on end that nobody uses, before the run ends: an alarm that is set in its own handler to now never leaves. */
const MOST_IDLE = 1000;
const PASSED_OVER = 'not everybody was let execute who was next';

/** Where the turns were. */
interface Place {
  readonly turn: TurnPlace;
  readonly unattended: boolean;
}

/**
 * Lets the CPUs execute, in turns. A turn, like the clocks, counts retired instructions and nothing else: how often
 * somebody looks, and into how many calls a run is cut, changes nothing.
 */
export class RunLoop implements SuspensionKeeper {
  readonly #parts: RunLoopParts;
  readonly #turns: Turns;
  readonly #time: IdleTime;
  /** What wanted the CPU behind its latest slice was kept from it: it comes before anything else. */
  #unattended = false;
  /** Slices on end in which nothing retired. */
  #stuck = 0;
  /** Exceptions that were taken in this turn since something retired. */
  #fruitless = 0;
  /** CPUs whose turn ended in exceptions since anybody has retired an instruction. */
  readonly #barren = new Set<Cpu>();
  /** Where that was said of a CPU last. */
  readonly #said = new Map<Cpu, bigint>();
  readonly #halt = new Halt();
  readonly #execution: Execution;
  #departure: Departure | undefined;

  constructor(parts: RunLoopParts) {
    this.#parts = parts;
    const { quantum = QUANTUM, scheduler, processes, signals, gates, interrupts, errors, dieChain } = parts;
    const halt = this.#halt;
    this.#execution = new Execution({ scheduler, processes, signals, gates, interrupts, errors, halt, dieChain });
    this.#time = new IdleTime(parts.hardware, quantum);
    this.#turns = new Turns(parts.hardware.cpus.length, quantum, scheduler.schedulingClass.turns);
  }

  /** Where the run left its schedule; `undefined`: it has not. */
  get departure(): Departure | undefined {
    return this.#departure;
  }

  /** Whose instruction is the next one, unless an interrupt or a handler decides otherwise; `undefined`: nobody's. */
  get next(): { readonly cpu: Cpu; readonly task: KernelTask } | undefined {
    const { hardware, scheduler } = this.#parts;
    const { cpus } = hardware;
    const first = this.#isTurnOver ? this.#turns.upcoming(this.#wants) : this.#turns.cpu;
    for (let i = 0; i < cpus.length; i++) {
      const cpu = cpus[(first + i) % cpus.length] as Cpu;
      const task = this.#isAdmitted(cpu) ? scheduler.due(cpu) : undefined;
      if (task !== undefined) return { cpu, task };
    }
    return undefined;
  }

  /** True while the reason of a stop is still to be reported. */
  get stopping(): boolean {
    return this.#halt.pending;
  }

  /** Whose turn it is, how much is left of it, and whether the run has left its schedule. */
  save(): ImageValue {
    const departure = this.#departure === undefined ? null : { ...this.#departure };
    const turn = { turn: this.#turns.cpu, left: this.#turns.left, unattended: this.#unattended };
    return { ...turn, stuck: this.#stuck, fruitless: this.#fruitless, departure };
  }

  /** The way back. */
  restore(from: ImageReader): void {
    const departure = from.field('departure');
    this.#turns.restore(from.field('turn'), from.field('left'));
    this.#unattended = from.field('unattended').flag();
    this.#stuck = from.field('stuck').number();
    this.#fruitless = from.field('fruitless').number();
    this.#departure = departure.absent
      ? undefined
      : Object.freeze({ count: departure.field('count').number(), cause: departure.field('cause').text() });
  }

  /** Somebody changed what is going to happen. The first time counts. */
  depart(cause: string): void {
    this.#departure ??= Object.freeze({ count: this.#parts.hardware.retired, cause });
  }

  /** See `machine.run`. */
  run(budget: number): RunResult {
    const { cpus } = this.#parts.hardware;
    const { scheduler } = this.#parts;
    if (this.#halt.pending) return this.#stopped(0);
    this.#goOn();
    if (this.#halt.pending) return this.#stopped(0);
    scheduler.takePassedOver();
    let left = budget;
    let instructions = 0;
    let idle = 0;
    /** Times on end that time alone has passed. */
    let skipped = 0;
    // A turn that nobody uses is passed on; where nobody can run at all it stays where it is.
    let from: Place | undefined;
    while (left > 0) {
      const cpu = cpus[this.#turns.cpu] as Cpu;
      if (this.#unattended || this.#execution.isCalled(cpu)) {
        // First what came behind the latest slice, then what that has left.
        this.#unattended = this.#unattended && !this.#execution.attend(cpu);
        this.#execution.attend(cpu);
        if (this.#halt.pending) return this.#stopped(instructions);
      }
      if (this.#isTurnOver || !this.#canRun(cpu)) {
        if (idle === 0) from = this.#where();
        if (this.#unattended) scheduler.passOver();
        if (++idle > cpus.length && (idle > MOST_IDLE || !cpus.some((other) => this.#hasWork(other)))) {
          if (skipped < MOST_IDLE && this.#skip(left)) {
            skipped++;
            left--;
            idle = 0;
            if (from !== undefined) this.#goBack(from);
            continue;
          }
          if (from !== undefined) this.#goBack(from);
          return { reason: this.#whyIdle(), instructions };
        }
        if (!this.#isTurnOver && this.#isIdle(cpu)) this.#time.turn(cpu);
        this.#nextTurn();
        continue;
      }
      idle = 0;
      skipped = 0;
      if (scheduler.takePassedOver()) this.depart(PASSED_OVER);
      this.#turns.begin();
      if (this.#halt.pending) return this.#stopped(instructions);
      const ran = this.#execution.slice(cpu, this.#execution.limit(cpu, Math.min(left, this.#turns.left)));
      instructions += ran;
      left -= this.#execution.cost(ran);
      this.#count(cpu, ran);
      if (this.#halt.pending) return this.#stopped(instructions);
    }
    return { reason: 'budget', instructions };
  }

  /** Makes the run return as soon as the instruction or exception in progress is over. The first reason counts. */
  stop(message: string, detail: unknown): void {
    this.#halt.stop(message, detail);
    this.interrupt();
  }

  /** An exception handler suspended. */
  suspend(exception: ExceptionInProgress, suspension: Suspension): void {
    const { cpu } = exception.record;
    this.#parts.scheduler.of(cpu).suspended = exception;
    cpu.attention = true;
    this.#halt.suspend(exception, suspension);
    this.#parts.suspended.call(cpu, suspension.reason);
    this.interrupt();
  }

  /** Lets one CPU execute, outside of the turns: a hypervisor has brought it to a physical one. */
  runOn(cpu: Cpu, budget: number): CpuRun {
    const { scheduler } = this.#parts;
    if (!this.#halt.pending) this.#execution.goOn(cpu);
    scheduler.takePassedOver();
    let left = budget;
    let faults = 0;
    while (left > 0 && cpu.present && !this.#halt.pending) {
      this.#execution.attend(cpu);
      if (this.#halt.pending || !cpu.present) break;
      if (!this.#canRun(cpu)) return { reason: this.#whyIdle(), used: budget - left, faults };
      // A virtual CPU may leave to switch to the task: what it watches is armed at the next entry.
      if (!cpu.present) break;
      if (scheduler.takePassedOver()) this.depart(PASSED_OVER);
      left -= this.#execution.cost(this.#execution.slice(cpu, this.#execution.limit(cpu, left)));
      faults += this.#execution.faults;
    }
    const used = budget - left;
    if (!this.#halt.pending) return { reason: 'budget', used, faults };
    return { ...this.#halt.take(), held: !this.#parts.gates.cpu(cpu), used, faults };
  }

  /** Goes on with the exceptions that were stopped. */
  #goOn(): void {
    for (const cpu of this.#parts.hardware.cpus) {
      this.#execution.goOn(cpu);
      if (this.#halt.pending) return;
    }
  }

  /** Whatever executes hands its CPU over: something has changed that decides who may. */
  interrupt(): void {
    for (const cpu of this.#parts.hardware.cpus) if (cpu.busy || cpu.virtual) cpu.attention = true;
  }

  /** A CPU can execute something, or can find that it has to. */
  #hasWork(cpu: Cpu): boolean {
    if (!this.#isAdmitted(cpu)) return false;
    const { scheduler } = this.#parts;
    const { switching, suspended, handlers } = scheduler.of(cpu);
    if (this.#execution.isCalled(cpu)) return true;
    return !switching && suspended === undefined && (handlers.depth > 0 || scheduler.mayRun(cpu));
  }

  /** A CPU has something to do, whoever may do it. */
  readonly #wants = (index: number): boolean => {
    const cpu = this.#parts.hardware.cpus[index] as Cpu;
    const { scheduler } = this.#parts;
    if (!cpu.online || cpu.busy) return false;
    if (scheduler.wants(cpu) || scheduler.of(cpu).handlers.depth > 0 || this.#execution.isCalled(cpu)) return true;
    // Time passes there, for whoever waits for that.
    return cpu.alarms.nextEvent !== Number.POSITIVE_INFINITY;
  };

  #isAdmitted(cpu: Cpu): boolean {
    const { gates } = this.#parts;
    return cpu.online && !cpu.busy && (gates.open || gates.cpu(cpu));
  }

  #canRun(cpu: Cpu): boolean {
    const { scheduler, gates } = this.#parts;
    const { switching, suspended, handlers } = scheduler.of(cpu);
    if (!cpu.online || cpu.busy || switching) return false;
    if (!gates.open && !gates.cpu(cpu)) {
      if (scheduler.wants(cpu) || this.#execution.isCalled(cpu)) scheduler.passOver();
      return false;
    }
    return suspended === undefined && (handlers.depth > 0 || scheduler.ready(cpu));
  }

  #whyIdle(): 'starved' | 'held' | 'idle' {
    const { scheduler } = this.#parts;
    if (scheduler.takeStrayed()) this.depart(PASSED_OVER);
    scheduler.takePassedOver();
    if (this.#starving()) return 'starved';
    if (this.#parts.gates.open) return 'idle';
    for (const task of this.#parts.processes.tasks.values()) if (task.state === 'running') return 'held';
    return 'idle';
  }

  #starving(): boolean {
    for (const { state, stack } of this.#parts.processes.tasks.values()) {
      if (state === 'waiting' && stack.at(-1)?.program.state !== 'asleep') return true;
    }
    return false;
  }

  #count(cpu: Cpu, ran: number): void {
    if (this.#turns.count(ran)) this.#parts.scheduler.expire(cpu);
    this.#stuck = ran > 0 || this.#execution.ended ? 0 : this.#stuck + 1;
    if (ran > 0) {
      this.#fruitless = 0;
      if (this.#barren.size > 0) this.#barren.clear();
    } else {
      this.#fruitless += this.#execution.faults;
      if (this.#fruitless >= MOST_FAULTS) this.#getsNowhere(cpu);
    }
    this.#unattended = !this.#execution.attend(cpu);
  }

  /** Whose turn it is, and how much of it is left. */
  #where(): Place {
    return { turn: this.#turns.place, unattended: this.#unattended };
  }

  #goBack({ turn, unattended }: Place): void {
    this.#turns.return(turn);
    this.#unattended = unattended;
  }

  /** Time passes until the next alarm, if anybody could wait for one: a run without an end ends with the last task. */
  #skip(left: number): boolean {
    const { hardware, processes, gates, scheduler } = this.#parts;
    if (left === Number.POSITIVE_INFINITY && processes.tasks.size === 0) return false;
    // Nor while a debugger keeps somebody from what there would be to do.
    if (!gates.open || scheduler.states.some(({ suspended }) => suspended !== undefined)) return false;
    return this.#time.skip(hardware.cpus.filter((cpu) => this.#isIdle(cpu)));
  }

  /** A CPU has nothing to do, and is not kept from it. */
  #isIdle(cpu: Cpu): boolean {
    const { scheduler } = this.#parts;
    return this.#isAdmitted(cpu) && !scheduler.wants(cpu) && scheduler.of(cpu).handlers.depth === 0;
  }

  get #isTurnOver(): boolean {
    return this.#turns.left <= 0 || this.#stuck >= MOST_FAULTS || this.#fruitless >= MOST_FAULTS;
  }

  #nextTurn(): void {
    this.#turns.next(this.#wants);
    this.#stuck = 0;
    this.#fruitless = 0;
    this.#unattended = false;
  }

  /** The turn of a CPU ends because its instruction raises one exception after the other. */
  #getsNowhere(cpu: Cpu): void {
    const task = this.#parts.scheduler.of(cpu).current;
    const message = `CPU ${cpu.index} takes one exception after the other at ${hex(cpu.pc)} and gets nowhere: task ${task}`;
    if (this.#said.get(cpu) !== cpu.pc) this.#parts.logger.log('warn', message);
    this.#said.set(cpu, cpu.pc);
    if (this.#barren.has(cpu)) this.stop(message, new NoProgress(cpu.index, cpu.pc, task?.toString()));
    this.#barren.add(cpu);
  }

  #stopped(instructions: number): RunResult {
    // Whoever stopped it may do something about what gets nowhere.
    this.#fruitless = 0;
    this.#barren.clear();
    return { ...this.#halt.take(), instructions };
  }
}

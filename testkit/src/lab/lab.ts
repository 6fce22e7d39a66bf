import {
  type ArchManifest,
  BREAKPOINT_SCHEDULER,
  type Breakpoint,
  type BreakpointScheduler,
  type Breakpoints,
  type Hit,
  type HwBreakpointAttr,
  type Instruction,
  type InstructionSource,
  type Kernel,
  type KernelOptions,
  type Machine,
  program,
  type RegisterOptions,
  RingLogger,
  type RunResult,
  type SlotClass,
  type SpawnOptions,
  type Task,
} from '@hwbp/core';
import { ContractFailure, equal, fail } from '../assert/index.js';
import { Exceptions } from './exceptions.js';
import { checkNothingIsLeft, type RegisterState, registerState } from './residue.js';
import { type Spot, spotOf } from './spot.js';

/** More than any case needs: whoever uses it up is in an endless loop. */
const BUDGET = 20_000;

/** A registered breakpoint and what its handler saw. */
export interface Watch {
  readonly breakpoint: Breakpoint;
  /** Calls of the handler. */
  readonly count: number;
}

/** A composed kernel in which one case happens. */
export class Lab {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly manifest: ArchManifest;
  readonly log: RingLogger;
  readonly #exceptions: Exceptions;
  #failure: ContractFailure | undefined;

  constructor(compose: (options: KernelOptions) => Kernel, options: KernelOptions) {
    this.log = new RingLogger();
    this.kernel = compose({ logger: this.log, ...options });
    this.machine = this.kernel.machine;
    this.breakpoints = this.kernel.breakpoints;
    this.manifest = this.breakpoints.manifest;
    this.#exceptions = new Exceptions(this.machine);
    // What a hook throws, a case's own included, does not end a run.
    this.machine.hooks.error.add(({ error, what }) => {
      if (error instanceof ContractFailure) this.#failure ??= error;
      else if (what.startsWith('a hook of')) this.#failure ??= new ContractFailure(`${what} threw: ${String(error)}`);
    });
    // Something behind the direct map.
    for (let frame = 0; frame < 16; frame++) this.machine.physical.allocate();
  }

  spot(index = 0, slotClass?: SlotClass): Spot {
    return spotOf(this.manifest, index, slotClass);
  }

  /** A task that executes these instructions, then exits. */
  task(instructions: Iterable<Instruction> | (() => InstructionSource), options?: SpawnOptions): Task {
    return this.machine.spawn(program(instructions), options);
  }

  /** Watches for a task. */
  user(
    task: Task,
    attr: HwBreakpointAttr,
    handler: (hit: Hit) => void = () => {},
    options: RegisterOptions & { readonly cpu?: number } = {},
  ): Watch {
    return this.#watch(handler, (counted) => this.breakpoints.registerUser(attr, counted, task, options));
  }

  /** Watches on a CPU. */
  onCpu(
    cpu: number,
    attr: HwBreakpointAttr,
    handler: (hit: Hit) => void = () => {},
    options: RegisterOptions = {},
  ): Watch {
    return this.#watch(handler, (counted) => this.breakpoints.registerCpu(attr, counted, cpu, options));
  }

  /** Runs until every task has exited (or stopped). */
  run(): RunResult {
    return this.runUntil('idle');
  }

  runUntil(reason: RunResult['reason']): RunResult {
    const result = this.machine.run(BUDGET);
    // The kernel survives handlers that throw; the case does not.
    if (this.#failure !== undefined) throw this.#failure;
    if (result.reason === reason) return result;
    const so = `${result.instructions} instructions; ${this.#exceptions.told}`;
    if (result.reason === 'budget') return fail(`the run does not end: expected '${reason}', it goes on after ${so}`);
    return fail(`why the run ends: expected '${reason}', got '${result.reason}', after ${so}`);
  }

  get scheduler(): BreakpointScheduler {
    return this.kernel.get(BREAKPOINT_SCHEDULER);
  }

  get state(): RegisterState {
    return registerState(this.kernel);
  }

  /** Does something that must fail in `refuse`'s judgement, and shows that registers and slots are as they were. */
  unchangedBy(what: string, refuse: () => void): void {
    const before = this.state;
    refuse();
    equal(this.state, before, `${what}: registers and slots are as before`);
  }

  /** The leak guard. */
  finish(): void {
    checkNothingIsLeft(this.kernel);
  }

  #watch(handler: (hit: Hit) => void, register: (counted: (hit: Hit) => void) => Breakpoint): Watch {
    let count = 0;
    const breakpoint = register((hit) => {
      count++;
      try {
        handler(hit);
      } catch (error) {
        if (error instanceof ContractFailure) this.#failure ??= error;
        throw error;
      }
    });
    return {
      breakpoint,
      get count() {
        return count;
      },
    };
  }
}

import {
  type Architecture,
  type ConsumerClass,
  composeKernel,
  type InstructionSource,
  type Kernel,
  type KernelOptions,
  type Plugin,
  type SpawnOptions,
  type SystemCallHandler,
  syscalls,
  type Task,
} from '@hwbp/core';
import { equal } from '../assert/index.js';
import { Lab } from '../lab/lab.js';
import { Probe } from '../lab/probe.js';
import type { ContractCase } from '../runner/contract-case.js';
import type { TestFunction } from '../runner/test-function.js';
import { callInstructions, type MadeCall, outcomeOf, type SystemCallUse } from './use.js';

/** What the suite of system calls is run with. */
export interface SystemCallContractOptions {
  readonly test: TestFunction;
  readonly name: string;
  /** A fresh architecture, which offers `SYSTEM_CALL_ABI`; called for every case. */
  readonly createArchitecture: () => Architecture;
  /** How its programs make calls. */
  readonly systemCalls: SystemCallUse;
  /** Plugins with the table under test, and what it needs. Without it only what every table relies on is shown. */
  readonly createTables?: () => readonly (Plugin | ConsumerClass)[];
  /** What the kernels are composed with besides. */
  readonly options?: Omit<Partial<KernelOptions>, 'arch' | 'plugins' | 'logger' | 'strict'>;
}

/** A kernel in which calls are made, and what came of them. */
export class CallLab extends Lab {
  readonly #use: SystemCallUse;
  /** What each call that has returned has brought, in order. */
  readonly outcomes: bigint[] = [];

  constructor(use: SystemCallUse, options: KernelOptions) {
    super(composeKernel, options);
    this.#use = use;
  }

  /** A task that makes calls one behind the other, and notes what they return. */
  caller(calls: readonly MadeCall[], options: SpawnOptions = {}): Task {
    const [use, outcomes] = [this.#use, this.outcomes];
    const steps = function* (): InstructionSource {
      for (const [index, call] of calls.entries()) {
        yield* callInstructions(use, call, index);
        outcomes.push(outcomeOf(use, task.context));
      }
    };
    const task = this.task(steps, options);
    return task;
  }

  /** Errors that went to the kernel's error channel. */
  get errors(): readonly string[] {
    return this.log.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
  }

  /** The leak guard: no task is left, and no breakpoint. */
  override finish(): void {
    equal(this.machine.tasks.size, 0, 'tasks that are left behind the case');
    super.finish();
  }
}

/** System calls of an architecture, and a table of them, under test. */
export class SystemCallSubject {
  readonly options: SystemCallContractOptions;

  constructor(options: SystemCallContractOptions) {
    this.options = options;
  }

  get use(): SystemCallUse {
    return this.options.systemCalls;
  }

  /** What a kernel is composed of that has these plugins. */
  composition(plugins: readonly (Plugin | ConsumerClass)[]): KernelOptions {
    const { createArchitecture, options } = this.options;
    return { cpus: 2, strict: true, ...options, arch: createArchitecture(), plugins: [Probe, ...plugins] };
  }

  /** A kernel with a table of the suite's own. */
  lab(table: Readonly<Record<number, SystemCallHandler>>, more: readonly (Plugin | ConsumerClass)[] = []): CallLab {
    return new CallLab(this.use, this.composition([syscalls(table, { name: 'suite' }), ...more]));
  }

  /** A kernel with the tables under test. */
  tables(): CallLab {
    return new CallLab(this.use, this.composition(this.options.createTables?.() ?? []));
  }

  compose(...plugins: readonly (Plugin | ConsumerClass)[]): Kernel {
    return composeKernel(this.composition(plugins));
  }
}

export type SystemCallCase = ContractCase<SystemCallSubject>;

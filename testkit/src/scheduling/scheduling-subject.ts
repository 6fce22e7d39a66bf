import { architecture, composeKernel, type KernelOptions, type Plugin, type SchedulingParameters } from '@hwbp/core';
import { fakeBackend } from '../fakes/fake-backend.js';
import type { ContractCase } from '../runner/contract-case.js';
import type { TestFunction } from '../runner/test-function.js';
import { SchedulingLab } from './scheduling-lab.js';

/** What the suite of scheduling classes is run with. */
export interface SchedulingContractOptions {
  readonly test: TestFunction;
  readonly name: string;
  /** The class, as `composeKernel({ taskScheduler })` takes it; called for every kernel. */
  readonly taskScheduler: () => Plugin;
  /**
   * Parameters of a task, which one that it is beside goes before as it wakes up: `[{ priority: 1 }, { priority: 2 }]`.
   * Absent: nobody takes the CPU from somebody else.
   */
  readonly preempts?: readonly [low: SchedulingParameters, high: SchedulingParameters];
  /** Absent: it has no parameters, and refuses them. */
  readonly parameters?: {
    /** Each is accepted, for three tasks at a time. The first is what a task has that is given none. */
    readonly good: readonly [SchedulingParameters, ...SchedulingParameters[]];
    /** Each is refused with a TypeError that names the class and this field. */
    readonly wrong: readonly (readonly [given: SchedulingParameters, field: string])[];
    /** What one task may have, and two may not, as there is not enough for them. */
    readonly scarce?: SchedulingParameters;
  };
  /** It moves tasks that wait to CPUs that have nobody. */
  readonly balances?: boolean;
  /**
   * Equal tasks have equal shares in the long run only, by chance: they are checked over a longer time. An image has
   * every choice.
   */
  readonly random?: boolean;
}

/** Short ticks: ten instructions. */
const OPTIONS: Partial<KernelOptions> = { tick: 10_000, quantum: 5 };

/** A scheduling class under test. */
export class SchedulingSubject {
  readonly options: SchedulingContractOptions;

  constructor(options: SchedulingContractOptions) {
    this.options = options;
  }

  /** What a kernel is composed of. */
  composition(options: Partial<KernelOptions> = {}): KernelOptions {
    const arch = architecture(fakeBackend({ slots: 1 }));
    return { arch, strict: true, ...OPTIONS, taskScheduler: this.options.taskScheduler(), ...options };
  }

  lab(options: Partial<KernelOptions> = {}): SchedulingLab {
    return new SchedulingLab((logger) => composeKernel(this.composition({ ...options, logger })));
  }

  /** Parameters of tasks, one after the other; of a class that has none nothing. */
  scheduling(i: number): SchedulingParameters {
    const good = this.options.parameters?.good ?? [{}];
    return good[i % good.length] ?? {};
  }
}

export type SchedulingCase = ContractCase<SchedulingSubject>;

/** A case in a kernel of its own, whose error channel must have nothing in the end. */
export function schedulingCase(
  id: string,
  run: (lab: SchedulingLab, subject: SchedulingSubject) => void,
  options: Partial<KernelOptions> = {},
  applies?: (subject: SchedulingSubject) => boolean,
): SchedulingCase {
  return {
    id: `scheduling/${id}`,
    ...(applies === undefined ? {} : { applies }),
    run: (subject) => {
      const lab = subject.lab(options);
      run(lab, subject);
      lab.finish();
    },
  };
}

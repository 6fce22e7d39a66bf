import {
  type ArchBackend,
  type Architecture,
  type ArchManifest,
  architecture,
  composeKernel,
  EVENTS,
  type HwBreakpointAttr,
  type Kernel,
  KernelError,
  type KernelOptions,
  type SuccessorOptions,
} from '@hwbp/core';
import type { ContractCase } from '../runner/contract-case.js';
import type { TestFunction } from '../runner/test-function.js';
import { hasRegisters } from './applies.js';
import { Bench } from './bench.js';
import { Lab } from './lab.js';
import { Probe } from './probe.js';

/** What the backend suites are run with. */
export interface BackendContractOptions {
  /** The runner's: ava's `test`, `test` of node:test, vitest's `test`, mocha's `it`. */
  readonly test: TestFunction;
  /** Stands in front of every title. */
  readonly name: string;
  /** A fresh backend or architecture; called for every case. */
  readonly createBackend: () => ArchBackend | Architecture;
  /** What the kernels are composed with besides: a scheduler, a slot policy, a unit of your own. */
  readonly options?: Omit<Partial<KernelOptions>, 'arch' | 'cpus' | 'offline' | 'plugins' | 'logger'>;
  /** How kernels are composed. Default `composeKernel`. */
  readonly compose?: (options: KernelOptions) => Kernel;
}

/** A backend under test. */
export class BackendSubject {
  readonly manifest: ArchManifest;
  readonly #options: BackendContractOptions;

  constructor(options: BackendContractOptions) {
    this.#options = options;
    this.manifest = this.architecture().backend.manifest;
  }

  architecture(): Architecture {
    const made = this.#options.createBackend();
    return 'backend' in made ? made : architecture(made);
  }

  /** A debug unit and its driver, without a kernel. */
  bench(): Bench {
    return new Bench(this.architecture().backend);
  }

  /** A strict kernel of two CPUs. */
  lab(options: Partial<KernelOptions> = {}): Lab {
    return new Lab(this.#options.compose ?? composeKernel, this.composition(options));
  }

  /** What the kernel of a {@link lab} is composed of. */
  composition({ plugins = [], ...rest }: Partial<KernelOptions> = {}): KernelOptions {
    return {
      cpus: 2,
      strict: true,
      ...this.#options.options,
      ...rest,
      arch: rest.arch ?? this.architecture(),
      plugins: [Probe, ...plugins],
    };
  }

  /** True unless the scheduler says that it cannot do this: EOPNOTSUPP. */
  honours(asked: Partial<HwBreakpointAttr>): boolean {
    return this.#answers((lab) => {
      try {
        lab.onCpu(0, { ...lab.spot().attr, ...asked });
        return true;
      } catch (error) {
        return !(error instanceof KernelError && error.errno === 'EOPNOTSUPP');
      }
    });
  }

  /** True where the kernels have the events engine. */
  get hasEvents(): boolean {
    return this.#answers(({ kernel }) => kernel.facet(EVENTS) !== undefined);
  }

  /** What a kernel answers; true where none can be composed: what goes wrong is for the cases to find. */
  #answers(ask: (lab: Lab) => boolean): boolean {
    try {
      const lab = this.lab();
      try {
        return ask(lab);
      } finally {
        lab.kernel.dispose();
      }
    } catch {
      return true;
    }
  }

  /** What a kernel is composed with that takes the hardware of a {@link lab}'s. */
  successor(): SuccessorOptions {
    const { createUnit: _, createClock: __, instructionTime: ___, ...rest } = this.#options.options ?? {};
    return { strict: true, ...rest, arch: this.architecture(), plugins: [Probe] };
  }
}

export type BackendCase = ContractCase<BackendSubject>;

/** When a case applies, by the manifest. */
export type Applies = (manifest: ArchManifest) => boolean;

/** A case on a bare unit and its driver. */
export function benchCase(
  id: string,
  applies: Applies,
  run: (bench: Bench, subject: BackendSubject) => void,
): BackendCase {
  return {
    id,
    applies: ({ manifest }) => applies(manifest),
    run: (subject) => run(subject.bench(), subject),
  };
}

/** A case in a kernel, with the leak guard behind it. */
export function labCase(
  id: string,
  applies: Applies,
  run: (lab: Lab, subject: BackendSubject) => void,
  options: Partial<KernelOptions> = {},
): BackendCase {
  return {
    id,
    applies: ({ manifest }) => applies(manifest),
    run: (subject) => {
      const lab = subject.lab(options);
      run(lab, subject);
      lab.finish();
    },
  };
}

/** A {@link labCase} for schedulers that can do what is asked for. */
export function honouringCase(
  id: string,
  asked: Partial<HwBreakpointAttr>,
  run: (lab: Lab, subject: BackendSubject) => void,
  options: Partial<KernelOptions> = {},
): BackendCase {
  return {
    ...labCase(id, hasRegisters, run, options),
    applies: (subject) => hasRegisters(subject.manifest) && subject.honours(asked),
  };
}

import {
  type Architecture,
  type ArchManifest,
  composeKernel,
  type Facet,
  type Kernel,
  type KernelOptions,
  type Token,
} from '@hwbp/core';
import { present } from '../assert/index.js';
import { Lab } from '../lab/lab.js';
import { Probe } from '../lab/probe.js';
import type { ContractCase } from '../runner/contract-case.js';
import type { TestFunction } from '../runner/test-function.js';
import type { SystemCallUse } from '../system-calls/use.js';

/** What is written to a debug register. */
export type RegisterWrite = readonly [register: number, value: bigint];

/** How a debugger in user space watches by `UserDebugRegisters`: what no manifest says. */
export interface DebugRegisterUse {
  /**
   * What is written, in this order, to watch stores to the word at an address, which is a multiple of its size, and
   * reads back as it was written.
   */
  watch(address: bigint): readonly RegisterWrite[];
  /** What is written to watch nothing any more. */
  unwatch(address: bigint): readonly RegisterWrite[];
  /**
   * Writes that are refused while the word at the address is watched. Default: none but registers that there are not.
   */
  refused?(address: bigint): readonly RegisterWrite[];
  /** True if a hit is the last one until the registers are written again. */
  readonly oneShot?: boolean;
  /**
   * True if a hit comes before the access, and again whenever that is tried: the debugger itself steps over it with
   * nothing watched. Default false: the task goes on past it.
   */
  readonly restarts?: boolean;
}

/** What the facet suite is run with. */
export interface FacetContractOptions {
  readonly test: TestFunction;
  readonly name: string;
  /** A fresh architecture; called for every case. */
  readonly createArchitecture: () => Architecture;
  /** What the kernels are composed with besides. */
  readonly options?: Omit<Partial<KernelOptions>, 'arch' | 'cpus' | 'plugins' | 'logger' | 'strict'>;
  /** For those that offer `USER_DEBUG_REGISTERS`. */
  readonly debugRegisters?: DebugRegisterUse;
  /** For those that offer `SYSTEM_CALL_ABI`; what needs it is left out without it. */
  readonly systemCalls?: SystemCallUse;
  /**
   * Registers of which not every bit can be written, by name, with those that can. Of the others every bit has to come
   * back as it was written.
   */
  readonly writable?: {
    /** Of `TARGET_DESCRIPTION`. */
    readonly target?: WritableBits;
    /** Of `USER_AREA`. */
    readonly userArea?: WritableBits;
  };
}

/** A set of bits for each register that has such as cannot be written. */
export type WritableBits = Readonly<Record<string, bigint>>;

/** The facets of an architecture under test. */
export class FacetSubject {
  readonly options: FacetContractOptions;
  readonly manifest: ArchManifest;
  readonly #offered: ReadonlySet<Token<unknown>>;

  constructor(options: FacetContractOptions) {
    this.options = options;
    const { backend, facets } = options.createArchitecture();
    this.manifest = backend.manifest;
    this.#offered = new Set(facets.map(({ facet }) => facet));
  }

  offers(facet: Facet<unknown>): boolean {
    return this.#offered.has(facet);
  }

  get offered(): readonly Token<unknown>[] {
    return [...this.#offered];
  }

  get use(): DebugRegisterUse {
    return present(this.options.debugRegisters, 'debugRegisters, how they are used, among the options of the suite');
  }

  composition(): KernelOptions {
    const { createArchitecture, options } = this.options;
    return { cpus: 2, strict: true, ...options, arch: createArchitecture(), plugins: [Probe] };
  }

  lab(): Lab {
    return new Lab(composeKernel, this.composition());
  }
}

export type FacetCase = ContractCase<FacetSubject>;

/** A case about one facet, in a kernel, with the leak guard behind it. */
export function facetCase<T>(
  id: string,
  facet: Facet<T>,
  run: (offered: T, lab: Lab, subject: FacetSubject) => void,
): FacetCase {
  return {
    id: `facet/${id}`,
    applies: (subject) => subject.offers(facet),
    run: (subject) => {
      const lab = subject.lab();
      run(facetOf(lab.kernel, facet), lab, subject);
      lab.finish();
    },
  };
}

export function facetOf<T>(kernel: Kernel, facet: Facet<T>): T {
  return present(kernel.facet(facet), `the facet '${facet.name}', which the architecture offers,`);
}

import {
  type ArchManifest,
  architecture,
  composeKernel,
  type Delivery,
  defineSlotPolicy,
  type Kernel,
  type Plugin,
  type SlotClass,
  type SlotHost,
  type SlotPolicy,
} from '@hwbp/core';
import { fakeBackend } from '../fakes/fake-backend.js';
import { fakeManifest } from '../fakes/fake-manifest.js';
import type { ContractCase } from '../runner/contract-case.js';
import type { TestFunction } from '../runner/test-function.js';
import { PolicyLab } from './policy-lab.js';

/** What the slot policy suite is run with. */
export interface SlotPolicyContractOptions {
  readonly test: TestFunction;
  readonly name: string;
  /** A fresh policy; called for every case. */
  readonly createPolicy: (host: SlotHost) => SlotPolicy;
  /** `linux`: the accounting of Linux is promised too, vector by vector. Default: only what every policy promises. */
  readonly honours?: 'linux';
  /**
   * It refuses some claims that its counting alone would grant: those that are told at different times (`delivery`).
   * The rules are then checked with claims of one kind.
   */
  readonly excludes?: boolean;
  /** Its flexible claims (`pinned: false`) share what pinned ones leave: that is checked too. */
  readonly shares?: boolean;
  /**
   * It takes registers away by priority: that is checked too. `maximum`: it may let claims wait longer than the ones
   * that are there now explain.
   */
  readonly displaces?: 'exact' | 'maximum';
  /** An architecture that it is made for. Default: several, with shared and with separate pools. */
  readonly manifest?: ArchManifest;
}

const GENERIC = [
  fakeManifest({ name: '1 register', slots: 1 }),
  fakeManifest({ name: '4 registers', slots: 4 }),
  fakeManifest({ name: '3 + 2 registers', slots: { data: 3, instruction: 2 } }),
  fakeManifest({ name: '16 + 1 registers', slots: { data: 16, instruction: 1 } }),
];

/** One pool of an architecture, seen through one class. */
export interface Pool {
  readonly lab: PolicyLab;
  readonly slots: number;
  readonly slotClass: SlotClass;
}

/** A slot policy under test. */
export class PolicySubject {
  readonly #options: SlotPolicyContractOptions;

  constructor(options: SlotPolicyContractOptions) {
    this.#options = options;
  }

  get honoursLinux(): boolean {
    return this.#options.honours === 'linux';
  }

  /** The deliveries of the claims that its counting is checked with. */
  get deliveries(): readonly Delivery[] {
    return this.#options.excludes === true ? ['after'] : ['after', 'silicon'];
  }

  get shares(): boolean {
    return this.#options.shares === true;
  }

  get displaces(): 'exact' | 'maximum' | undefined {
    return this.#options.displaces;
  }

  /** A kernel with the policy and a fake architecture of one register for data. */
  kernel(breakpointScheduler: Plugin, cpus: number): Kernel {
    const { createPolicy } = this.#options;
    const slotPolicy = defineSlotPolicy('under test', createPolicy);
    const arch = architecture(fakeBackend({ slots: 1 }));
    return composeKernel({ arch, cpus, strict: true, slotPolicy, breakpointScheduler });
  }

  get manifests(): readonly ArchManifest[] {
    return this.#options.manifest === undefined ? GENERIC : [this.#options.manifest];
  }

  lab(manifest: ArchManifest, cpus = 2): PolicyLab {
    return new PolicyLab(this.#options.createPolicy, manifest, cpus);
  }

  /** Pools of 1 to 16 registers, alone and beside a pool of the other class. */
  *pools(least = 1): Generator<Pool> {
    const { manifest } = this.#options;
    if (manifest !== undefined) {
      for (const slotClass of ['data', 'instruction'] as const) {
        const slots = manifest.slots[slotClass];
        if (slots >= least) yield { lab: this.lab(manifest), slots, slotClass };
      }
      return;
    }
    for (let slots = least; slots <= 16; slots++) {
      yield { lab: this.lab(fakeManifest({ slots })), slots, slotClass: 'data' };
      yield { lab: this.lab(fakeManifest({ slots })), slots, slotClass: 'instruction' };
      const beside = fakeManifest({ slots: { data: 3, instruction: Math.min(slots, 14) } });
      if (beside.slots.instruction >= least) {
        yield { lab: this.lab(beside), slots: beside.slots.instruction, slotClass: 'instruction' };
      }
    }
  }
}

export type PolicyCase = ContractCase<PolicySubject>;

import { type X86Breakpoint, type X86DebugUnit, type X86Driver, x86Backend } from '@hwbp/arch-x86';
import {
  type ArchBackend,
  composeKernel,
  defineSlotPolicy,
  type Kernel,
  linuxSlotPolicy,
  type SlotHost,
  type SlotPolicy,
  type UnitHolder,
} from '@hwbp/core';
import { type BackendContractOptions, backendContract, slotPolicyContract, type TestFunction } from '@hwbp/testkit';

/** A subject with one planted defect, and the cases that must find it. */
export interface Mutant {
  /** What is wrong; a number is a defect of the 2009 kernel patches. */
  readonly name: string;
  /** Ids of cases that must fail. Others may. */
  readonly kills: readonly string[];
  /** Declares every suite that the subject belongs to. */
  readonly declare: (test: TestFunction) => void;
}

type Backend = ArchBackend<X86Breakpoint>;

/** A mutant of x86's backend. */
export function backendMutant(
  name: string,
  kills: readonly string[],
  change: (backend: Backend) => Partial<Backend>,
  options: Pick<BackendContractOptions, 'options' | 'compose'> = {},
): Mutant {
  const createBackend = (): Backend => {
    const backend = x86Backend();
    return { ...backend, ...change(backend) };
  };
  return { name, kills, declare: (test) => backendContract({ test, name, createBackend, ...options }) };
}

export function unitMutant(name: string, kills: readonly string[], Unit: new () => X86DebugUnit): Mutant {
  return backendMutant(name, kills, () => ({ createUnit: () => new Unit() }));
}

export function driverMutant(
  name: string,
  kills: readonly string[],
  Driver: new (holder: UnitHolder) => X86Driver,
): Mutant {
  return backendMutant(name, kills, () => ({ createDriver: (holder) => new Driver(holder) }));
}

/** A mutant of the breakpoint API: the kernel is changed once it is composed. */
export function apiMutant(name: string, kills: readonly string[], change: (kernel: Kernel) => void): Mutant {
  const compose: BackendContractOptions['compose'] = (options) => {
    const kernel = composeKernel(options);
    change(kernel);
    return kernel;
  };
  return backendMutant(name, kills, () => ({}), { compose });
}

/** A mutant of Linux's slot policy: in a kernel, and alone. */
export function policyMutant(
  name: string,
  kills: readonly string[],
  createPolicy: (host: SlotHost) => SlotPolicy,
): Mutant {
  const slotPolicy = defineSlotPolicy('mutant', createPolicy);
  const inKernel = backendMutant(name, kills, () => ({}), { options: { slotPolicy } });
  return {
    name,
    kills,
    declare: (test) => {
      inKernel.declare(test);
      slotPolicyContract({ test, name, createPolicy, honours: 'linux' });
    },
  };
}

/** A mutant of the policy of priorities, which displaces. */
export function displacingMutant(
  name: string,
  kills: readonly string[],
  createPolicy: (host: SlotHost) => SlotPolicy,
): Mutant {
  return {
    name,
    kills,
    declare: (test) => slotPolicyContract({ test, name, createPolicy, displaces: 'exact' }),
  };
}

/** Nothing planted: what every mutant is measured against. */
export const unmutated: Mutant = policyMutant('nothing planted', [], linuxSlotPolicy().create);

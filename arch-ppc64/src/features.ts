import { ADDRESS, type ByteOrder, checkOptions, FLAG, type Kind, oneOf } from '@hwbp/core';
import { CPU_MODELS, type CpuModel, type Ppc64Cpu } from './cpu-models.js';
import type { Ppc64DebugUnitOptions } from './silicon/ppc64-debug-unit.js';

/** Facts of the CPU, of the hypervisor and of the kernel's build. Data of the composition, not quirks. */
export interface Ppc64Features extends Omit<Ppc64DebugUnitOptions, 'layouts' | 'ciabr'> {
  /** Default `power10`. */
  readonly cpu?: Ppc64Cpu;
  /** Bytes in a page: 65,536 (default) or 4,096. */
  readonly pageSize?: 65536 | 4096;
  /**
   * First address above user space. Default 0x10000000000000 with pages of 64 KiB, 0x400000000000 with those of 4 KiB.
   */
  readonly taskSize?: bigint;
  /** Default `little`. */
  readonly byteOrder?: ByteOrder;
  /** POWER9: use the DAWR in spite of the danger (debugfs `powerpc/dawr_enable_dangerous`). Default false. */
  readonly dawrEnableDangerous?: boolean;
  /** KVM: guests may have DAWR1 of POWER10 (KVM_CAP_PPC_DAWR1). Default true. */
  readonly guestDawr1?: boolean;
  /** KVM keeps the watch registers for its host: guests are refused with H_RESERVED_DABR. Default false. */
  readonly guestWatchReserved?: boolean;
}

/** Every fact, decided. */
export interface ResolvedFeatures extends Required<Omit<Ppc64Features, 'dawrEnableDangerous'>> {
  readonly model: CpuModel;
}

const TASK_SIZES = { 65536: 0x10_0000_0000_0000n, 4096: 0x4000_0000_0000n } as const;

const FEATURES: Readonly<Record<keyof Ppc64Features, Kind>> = {
  cpu: oneOf(...Object.keys(CPU_MODELS)),
  pageSize: oneOf(65536, 4096),
  taskSize: ADDRESS,
  byteOrder: oneOf('little', 'big'),
  dawrEnableDangerous: FLAG,
  dar: oneOf('access', 'watched'),
  dsisrStore: FLAG,
  storesEarlier: FLAG,
  dabrx: FLAG,
  guestDawr1: FLAG,
  guestWatchReserved: FLAG,
};

/** Fills in the defaults. Throws a TypeError for a fact that there is not, and for one of a wrong type. */
export function resolveFeatures(features: Ppc64Features): ResolvedFeatures {
  checkOptions('ppc64', features, FEATURES);
  const { cpu = 'power10', pageSize = 65536, byteOrder = 'little', dar = 'access' } = features;
  const model: CpuModel = CPU_MODELS[cpu];
  return {
    cpu,
    pageSize,
    byteOrder,
    dar,
    taskSize: features.taskSize ?? TASK_SIZES[pageSize],
    dsisrStore: features.dsisrStore ?? true,
    storesEarlier: features.storesEarlier ?? false,
    dabrx: features.dabrx ?? true,
    guestDawr1: features.guestDawr1 ?? true,
    guestWatchReserved: features.guestWatchReserved ?? false,
    model: { ...model, usable: model.usable || (cpu === 'power9' && features.dawrEnableDangerous === true) },
  };
}

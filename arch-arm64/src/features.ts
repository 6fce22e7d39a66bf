import { ADDRESS, checkOptions, FLAG, type Kind, oneOf, wholeNumber } from '@hwbp/core';
import type { Arm64DebugUnitOptions } from './silicon/arm64-debug-unit.js';

/** Facts of the CPU and of the kernel's build. Data of the composition, not quirks. */
export interface Arm64Features extends Arm64DebugUnitOptions {
  /** Bytes in a page. Default 4,096. */
  readonly pageSize?: 4096 | 16384 | 65536;
  /** First address above user space. Default 2^{@link Arm64DebugUnitOptions.vaBits | vaBits}. */
  readonly taskSize?: bigint;
}

/** Every fact, decided. */
export type ResolvedFeatures = Required<Arm64Features>;

const REGISTERS = wholeNumber(2, 16);
const FEATURES: Readonly<Record<keyof Arm64Features, Kind>> = {
  brps: REGISTERS,
  wrps: REGISTERS,
  debugArch: wholeNumber(6, 15),
  vaBits: oneOf(48, 52),
  far: oneOf('access', 'quadword', 'watched'),
  storesEarlier: FLAG,
  pageSize: oneOf(4096, 16384, 65536),
  taskSize: ADDRESS,
};

/** Fills in the defaults. Throws a TypeError for a fact that there is not, and for one of a wrong type. */
export function resolveFeatures(features: Arm64Features): ResolvedFeatures {
  checkOptions('arm64', features, FEATURES);
  const {
    brps = 6,
    wrps = 4,
    debugArch = 6,
    vaBits = 48,
    far = 'quadword',
    storesEarlier = false,
    pageSize = 4096,
  } = features;
  const { taskSize = 1n << BigInt(vaBits) } = features;
  return Object.freeze({ brps, wrps, debugArch, vaBits, far, storesEarlier, pageSize, taskSize });
}

/** First address of the kernel (PAGE_OFFSET): its linear map begins there. */
export function kernelStart({ vaBits }: Pick<ResolvedFeatures, 'vaBits'>): bigint {
  return BigInt.asUintN(64, -(1n << BigInt(vaBits)));
}

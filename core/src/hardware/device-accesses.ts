import type { Bus } from './bus.js';
import type { Context } from './context.js';
import type { Access } from './instruction.js';
import type { Mmu } from './memory/mmu.js';
import { pieces } from './memory/page.js';

/** The CPU that reaches a device through its address spaces. */
interface Accessor {
  readonly context: Context;
  readonly mmu: Mmu;
  readonly bus: Bus;
}

/** The first byte from `from` on that neither memory nor a device is behind; `undefined`: there is none. */
export function behindDevices(cpu: Accessor, { address, size, kind }: Access, from: bigint): bigint | undefined {
  const { mmu, bus, context } = cpu;
  const left = size - Number(BigInt.asUintN(64, from - address));
  for (const [at, count] of pieces(from, left, bus.memory.pageSize)) {
    const fault = mmu.firstFault(context.mode, at, count, kind !== 'read');
    if (fault !== undefined && mmu.deviceAt(context.mode, fault) === undefined) return fault;
  }
  return undefined;
}

/** Where a piece of an access has its lowest bit in the whole value. */
function shiftOf({ bus }: Accessor, { address, size }: Access, at: bigint, count: number): bigint {
  const from = Number(BigInt.asUintN(64, at - address));
  return BigInt(8 * (bus.memory.byteOrder === 'little' ? from : size - from - count));
}

/** A load of which some page is a device's, or all. */
export function loadFromBus(cpu: Accessor, access: Access): bigint {
  const { bus, mmu, context } = cpu;
  let value = 0n;
  for (const [at, count] of pieces(access.address, access.size, bus.memory.pageSize)) {
    const device = mmu.deviceAt(context.mode, at);
    const part = device === undefined ? mmu.at(at).readInteger(at, count) : bus.readDevice(device, count);
    value |= part << shiftOf(cpu, access, at, count);
  }
  return value;
}

/** A store likewise. */
export function storeToBus(cpu: Accessor, access: Access, value: bigint): void {
  const { bus, mmu, context } = cpu;
  for (const [at, count] of pieces(access.address, access.size, bus.memory.pageSize)) {
    const part = BigInt.asUintN(8 * count, value >> shiftOf(cpu, access, at, count));
    const device = mmu.deviceAt(context.mode, at);
    if (device === undefined) mmu.at(at).writeInteger(at, count, part);
    else bus.writeDevice(device, count, part);
  }
}

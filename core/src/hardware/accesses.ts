import { highHalf, lowHalf } from './address.js';
import type { Bus } from './bus.js';
import type { Context } from './context.js';
import type { DebugUnit } from './debug-unit.js';
import { behindDevices, loadFromBus, storeToBus } from './device-accesses.js';
import type { Access, Loaded } from './instruction.js';
import type { Mmu } from './memory/mmu.js';
import { FILTER_PORT, FILTER_READ, FILTER_WRITE, type FilterPart } from './watch-filter.js';

/** What accesses need of the CPU that makes them. */
interface Accessor {
  readonly virtual: boolean;
  readonly unit: DebugUnit;
  readonly context: Context;
  readonly mmu: Mmu;
  readonly bus: Bus;
  checkAccess(part: FilterPart, hi: number, lo: number, size: number): boolean;
  pageFault(address: bigint, write: boolean): void;
  copyFault(): void;
}

/** Who asks the device behind an access. */
interface Devices {
  /** False: it has yet to answer. */
  device(access: Access, address: bigint): boolean;
  /** The bus answers, once the access is performed. */
  onBus(access: Access): void;
}

/** What is known of an access that reaches a device: the answer, or that the bus has it. */
export type DeviceAnswer = bigint | 'bus';

/** Checks every access of an instruction before any is performed. False: an exception was taken. */
export function checkAccesses(cpu: Accessor, accesses: readonly Access[], devices: Devices): boolean {
  const { filter } = cpu.unit;
  for (const access of accesses) {
    const { address, size, kind } = access;
    const lo = lowHalf(address);
    if (access.space === 'port') {
      if (filter.test(FILTER_PORT, lo, size) && !cpu.checkAccess(FILTER_PORT, 0, lo, size)) return false;
      if (!devices.device(access, address)) return false;
      continue;
    }
    const pages = checkPages(cpu, access, devices);
    if (pages === 'fault') return false;
    // What the debug unit sees are accesses to memory.
    if (pages === 'device') continue;
    if (kind !== 'write' && filter.test(FILTER_READ, lo, size)) {
      if (!cpu.checkAccess(FILTER_READ, highHalf(address), lo, size)) return false;
    }
    if (kind !== 'read' && filter.test(FILTER_WRITE, lo, size)) {
      if (!cpu.checkAccess(FILTER_WRITE, highHalf(address), lo, size)) return false;
    }
  }
  return true;
}

/**
 * `fault`: a page is missing, or does not allow it, or the device there has yet to answer. What a store reaches before
 * that is written for itself from now on.
 */
function checkPages(cpu: Accessor, access: Access, devices: Devices): 'memory' | 'device' | 'fault' {
  const { address, size, kind } = access;
  const stores = kind !== 'read';
  const { mode } = cpu.context;
  const fault = cpu.mmu.firstFault(mode, address, size, stores);
  const reached = fault === undefined ? size : Number(BigInt.asUintN(64, fault - address));
  if (stores && reached > 0 && cpu.mmu.at(address).unshare(address, reached) && mode === 'user') {
    cpu.copyFault();
  }
  if (fault === undefined) return 'memory';
  const device = cpu.mmu.deviceAt(mode, fault);
  if (device !== undefined && cpu.virtual) return devices.device(access, device) ? 'device' : 'fault';
  const missing = device === undefined ? fault : behindDevices(cpu, access, fault);
  if (missing === undefined) {
    devices.onBus(access);
    return 'memory';
  }
  cpu.pageFault(missing, stores);
  return 'fault';
}

/**
 * Performs the accesses, which were checked; returns what they loaded, in order. `answers`: what devices answered to
 * some of them.
 */
export function perform(
  cpu: Accessor,
  accesses: readonly Access[],
  answers: ReadonlyMap<Access, DeviceAnswer> | undefined,
): Loaded {
  const loaded: bigint[] = [];
  for (const access of accesses) {
    const { address, size, kind, value, space } = access;
    const answer = answers?.get(access);
    if (answer === 'bus') {
      if (kind !== 'write') loaded.push(loadFromBus(cpu, access));
      if (kind !== 'read') storeToBus(cpu, access, value ?? loaded.at(-1) ?? 0n);
      continue;
    }
    if (answer !== undefined) {
      if (kind !== 'write') loaded.push(BigInt.asUintN(8 * size, answer));
      continue;
    }
    if (space === 'port') {
      if (kind !== 'write') loaded.push(cpu.bus.readPort(Number(address), size));
      else cpu.bus.writePort(Number(address), size, value ?? 0n);
      continue;
    }
    const memory = cpu.mmu.at(address);
    if (kind !== 'write') loaded.push(memory.readInteger(address, size));
    if (kind !== 'read' && value !== undefined) memory.writeInteger(address, size, value);
  }
  return loaded;
}

import { hex, highHalf, lowHalf } from './address.js';
import type { Bus } from './bus.js';
import type { Context, ExecutionState } from './context.js';
import type { DebugUnit } from './debug-unit.js';
import { behindDevices, loadFromBus, storeToBus } from './device-accesses.js';
import { EXCLUSIVE_FAILED, EXCLUSIVE_STORED, type ExclusiveMonitor } from './exclusive-monitor.js';
import type { Access, Loaded } from './instruction.js';
import type { Mmu } from './memory/mmu.js';
import { ValueError } from './value-error.js';
import { FILTER_PORT, FILTER_READ, FILTER_WRITE, type FilterPart } from './watch-filter.js';

/** What accesses need of the CPU that makes them. */
interface Accessor {
  readonly virtual: boolean;
  readonly unit: DebugUnit;
  readonly context: Context;
  readonly mmu: Mmu;
  readonly bus: Bus;
  checkAccess(part: FilterPart, hi: number, lo: number, size: number, state?: ExecutionState): boolean;
  pageFault(address: bigint, write: boolean): void;
  copyFault(): void;
}

/** Who asks the device behind an access. */
interface Devices {
  /** False: it has yet to answer. */
  device(access: Access, address: bigint): boolean;
  /** The bus answers, once the access is performed. */
  onBus(access: Access): void;
  /** The value of an access is a function, or it is an exclusive one. */
  computes(): void;
  readonly monitor: ExclusiveMonitor;
}

/** What is known of an access that reaches a device: the answer, or that the bus has it. */
export type DeviceAnswer = bigint | 'bus';

/** Checks every access of an instruction before any is performed. False: an exception was taken. */
export function checkAccesses(cpu: Accessor, accesses: readonly Access[], devices: Devices): boolean {
  const { filter } = cpu.unit;
  for (const access of accesses) {
    const { address, size, kind } = access;
    const lo = lowHalf(address);
    if (typeof access.value === 'function' || access.exclusive === true) devices.computes();
    if (fails(cpu, access, devices)) continue;
    if (access.space === 'port') {
      if (filter.test(FILTER_PORT, lo, size) && !cpu.checkAccess(FILTER_PORT, 0, lo, size)) return false;
      if (!devices.device(access, address)) return false;
      continue;
    }
    const pages = checkPages(cpu, access, devices);
    if (pages === 'fault') return false;
    // What the debug unit sees are accesses to memory; the fault in which a page was copied has closed the monitor.
    if (pages === 'device' || fails(cpu, access, devices)) continue;
    if (kind !== 'write' && filter.test(FILTER_READ, lo, size)) {
      storeEarlier(cpu, accesses, access);
      if (!cpu.checkAccess(FILTER_READ, highHalf(address), lo, size, stateOf(cpu, access))) return false;
    }
    if (kind !== 'read' && filter.test(FILTER_WRITE, lo, size)) {
      storeEarlier(cpu, accesses, access);
      if (!cpu.checkAccess(FILTER_WRITE, highHalf(address), lo, size, stateOf(cpu, access))) return false;
    }
  }
  return true;
}

/** True for a store-exclusive that fails: it makes no access at all. */
function fails({ mmu }: Accessor, access: Access, { monitor }: Devices): boolean {
  return access.exclusive === true && access.kind === 'write' && !monitor.passes(access, mmu);
}

/** What is stored before an access that may raise an exception, where the CPU makes them one by one. */
function storeEarlier({ unit, mmu }: Accessor, accesses: readonly Access[], next: Access): void {
  if (unit.storesEarlier !== true) return;
  for (const access of accesses) {
    if (access === next) return;
    const { kind, address, size, value, space, exclusive } = access;
    if (kind !== 'write' || typeof value !== 'bigint' || space === 'port' || exclusive === true) continue;
    const memory = mmu.at(address);
    if (memory.firstFault(address, size, true) === undefined) memory.writeInteger(address, size, value);
  }
}

/** In which state an access is made: as user mode by an unprivileged load or store of the kernel's. */
function stateOf({ context }: Accessor, { unprivileged }: Access): ExecutionState {
  if (unprivileged !== true || context.mode === 'user') return context;
  const { singleStep, resume } = context;
  return { mode: 'user', singleStep, resume };
}

/** The first byte that may not be loaded from and stored to. */
function firstFault({ mmu, context: { mode } }: Accessor, { address, size }: Access): bigint | undefined {
  const fault = mmu.firstFault(mode, address, size, true);
  const unread = mmu.firstFault(mode, address, size, false);
  if (fault === undefined || unread === undefined) return fault ?? unread;
  return BigInt.asUintN(64, unread - address) < BigInt.asUintN(64, fault - address) ? unread : fault;
}

/**
 * `fault`: a page is missing, or does not allow it, or the device there has yet to answer. What a store reaches before
 * that is written for itself from now on.
 */
function checkPages(cpu: Accessor, access: Access, devices: Devices): 'memory' | 'device' | 'fault' {
  const { address, size, kind } = access;
  const stores = kind !== 'read';
  const { mode } = cpu.context;
  const fault = kind === 'readwrite' ? firstFault(cpu, access) : cpu.mmu.firstFault(mode, address, size, stores);
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

/** What an access stores whose value is a function, and, of a device, what it has loaded for that. */
interface Computed {
  readonly stored: bigint;
  readonly old: bigint | undefined;
}

/**
 * What those store whose value is a function: found out before anything is performed. Where one throws the instruction
 * has not happened.
 */
function compute(
  cpu: Accessor,
  accesses: readonly Access[],
  answers: ReadonlyMap<Access, DeviceAnswer> | undefined,
): ReadonlyMap<Access, Computed> | undefined {
  let computed: Map<Access, Computed> | undefined;
  for (const access of accesses) {
    if (typeof access.value !== 'function') continue;
    computed ??= new Map();
    // A device is read here and nowhere else: a load of its may change it.
    const old = answers?.get(access) === 'bus' ? loadFromBus(cpu, access) : undefined;
    computed.set(access, { stored: computeOne(cpu, access.value, access, old), old });
  }
  return computed;
}

function computeOne(
  { mmu, unit }: Accessor,
  value: (old: bigint) => unknown,
  { address, size }: Access,
  old?: bigint,
): bigint {
  const what = `the value of the store to ${hex(address)}`;
  let stored: unknown;
  try {
    stored = value(old ?? mmu.at(address).readInteger(address, size));
  } catch (cause) {
    unit.discard();
    throw new ValueError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (typeof stored === 'bigint') return stored;
  unit.discard();
  throw new ValueError(
    `${what} is what a function returns, and that is a bigint, got ${typeof stored} ${String(stored)}`,
  );
}

/** What an access has loaded goes to the register that it names. */
function keep({ context }: Accessor, { into, signed, size }: Access, value: bigint): void {
  if (into !== undefined) context.set(into, signed === true ? BigInt.asIntN(8 * size, value) : value);
}

/** {@link perform}, where some are a device's to answer, or store what a function makes of what was there. */
function performSpecial(
  cpu: Accessor,
  accesses: readonly Access[],
  answers: ReadonlyMap<Access, DeviceAnswer> | undefined,
  monitor: ExclusiveMonitor,
): Loaded {
  const loaded: bigint[] = [];
  const computed = compute(cpu, accesses, answers);
  for (const access of accesses) {
    const { address, size, kind, space } = access;
    const made = computed?.get(access);
    const stored = made?.stored ?? (access.value as bigint | undefined);
    const answer = answers?.get(access);
    let value: bigint | undefined;
    if (access.exclusive === true && kind === 'write') {
      const passes = monitor.passes(access, cpu.mmu);
      monitor.close();
      if (passes && stored !== undefined) cpu.mmu.at(address).writeInteger(address, size, stored);
      value = passes ? EXCLUSIVE_STORED : EXCLUSIVE_FAILED;
    } else if (answer === 'bus') {
      if (kind !== 'write') value = made?.old ?? loadFromBus(cpu, access);
      if (kind !== 'read') storeToBus(cpu, access, stored ?? value ?? 0n);
    } else if (answer !== undefined) {
      if (kind !== 'write') value = BigInt.asUintN(8 * size, answer);
    } else if (space === 'port') {
      if (kind !== 'write') value = cpu.bus.readPort(Number(address), size);
      else cpu.bus.writePort(Number(address), size, stored ?? 0n);
    } else {
      const memory = cpu.mmu.at(address);
      if (kind !== 'write') value = memory.readInteger(address, size);
      if (kind !== 'read' && stored !== undefined) memory.writeInteger(address, size, stored);
    }
    if (value === undefined) continue;
    if (access.exclusive === true && kind === 'read') monitor.open(access, value);
    loaded.push(value);
    if (access.into !== undefined) keep(cpu, access, value);
  }
  return loaded;
}

/**
 * Performs the accesses, which were checked; returns what they loaded, in order. `answers`: what devices answered to
 * some of them; `computes`: the value of some is a function, or some are exclusive.
 */
export function perform(
  cpu: Accessor,
  accesses: readonly Access[],
  answers: ReadonlyMap<Access, DeviceAnswer> | undefined,
  computes: boolean,
  monitor: ExclusiveMonitor,
): Loaded {
  if (answers !== undefined || computes) return performSpecial(cpu, accesses, answers, monitor);
  const loaded: bigint[] = [];
  for (const access of accesses) {
    const { address, size, kind, value, space, into } = access;
    const stored = value as bigint | undefined;
    if (space === 'port') {
      if (kind !== 'write') loaded.push(cpu.bus.readPort(Number(address), size));
      else cpu.bus.writePort(Number(address), size, stored ?? 0n);
    } else {
      const memory = cpu.mmu.at(address);
      if (kind !== 'write') loaded.push(memory.readInteger(address, size));
      if (kind !== 'read' && stored !== undefined) memory.writeInteger(address, size, stored);
    }
    if (into !== undefined && kind !== 'write') keep(cpu, access, loaded.at(-1) ?? 0n);
  }
  return loaded;
}

import assert from 'node:assert/strict';
import { Arm64DebugUnit } from '@hwbp/arch-arm64';
import { Ppc64DebugUnit, SPR } from '@hwbp/arch-ppc64';
import { X86DebugUnit } from '@hwbp/arch-x86';
import {
  type Breakpoint,
  type ExecutionState,
  FILTER_FETCH,
  FILTER_MASK,
  FILTER_READ,
  FILTER_WRITE,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type Kernel,
  registrationOf,
} from '@hwbp/core';
import { FakeUnit } from './fake-arch.js';

const KERNEL: ExecutionState = { mode: 'kernel', singleStep: false, resume: false };

/** What can be seen of a kernel's breakpoints, register by register. */
export function snapshot(kernel: Kernel, breakpoints: readonly Breakpoint[]): unknown {
  return {
    used: kernel.breakpoints.isUsed,
    registered: kernel.breakpoints.registered.length,
    breakpoints: breakpoints.map((breakpoint) => {
      const { attr, state, onCpu, register, slotClass, hits } = breakpoint;
      return { attr, state, onCpu, register, slotClass, hits, info: registrationOf(breakpoint).info };
    }),
    cpus: kernel.machine.cpus.map(({ unit, online }) => ({ online, ...readRegisters(unit) })),
  };
}

/** What software can read of a debug unit. */
function readRegisters(unit: unknown): Readonly<Record<string, unknown>> {
  if (unit instanceof X86DebugUnit) {
    const { control, status, filter } = unit;
    return { control, status, addresses: [0, 1, 2, 3].map((n) => unit.address(n)), ranges: filter.ranges };
  }
  if (unit instanceof Ppc64DebugUnit) {
    const sprs = unit.layouts.flatMap(({ addressSpr, controlSpr }) => [addressSpr, controlSpr]);
    const names = Object.keys(SPR).filter((name) => sprs.includes(SPR[name as keyof typeof SPR]));
    const watches = names.map((name) => unit.move({ register: name.toLowerCase() }, KERNEL));
    const { dar, dsisr, filter } = unit;
    return { dar, dsisr, watches, ranges: filter.ranges };
  }
  if (unit instanceof Arm64DebugUnit) {
    const numbered = (kind: string, count: number) =>
      Array.from({ length: count }, (_, n) => [`dbg${kind}vr${n}_el1`, `dbg${kind}cr${n}_el1`]).flat();
    const names = [...numbered('w', unit.wrps), ...numbered('b', unit.brps), 'mdscr_el1', 'far_el1', 'esr_el1'];
    return { values: names.map((register) => unit.move({ register }, KERNEL)), ranges: unit.filter.ranges };
  }
  if (unit instanceof FakeUnit) return { armed: [...unit.armed], ranges: unit.filter.ranges };
  throw new TypeError('no registers to look at');
}

/** True if the breakpoint belongs into a register of that CPU now: the direct scheduler's promise. */
export function belongs(breakpoint: Breakpoint, kernel: Kernel, cpu: number): boolean {
  if (!breakpoint.enabled) return false;
  const on = kernel.machine.cpu(cpu);
  const current = kernel.machine.current(on);
  if (!on.online || (breakpoint.cpu >= 0 && breakpoint.cpu !== cpu)) return false;
  return breakpoint.task === undefined || (breakpoint.task === current && breakpoint.task.alive);
}

/**
 * The registers of each online CPU hold exactly what belongs there, nothing else is armed, and the filter's table
 * follows from what is armed. By default that is the invariant of the direct scheduler: the enabled breakpoints of the
 * CPU's current task, and its own.
 */
export function checkRegisters(kernel: Kernel, breakpoints: readonly Breakpoint[], isThere = belongs): void {
  for (const { index, unit, online } of kernel.machine.cpus) {
    const here = breakpoints.filter((breakpoint) => isThere(breakpoint, kernel, index));
    for (const breakpoint of breakpoints) {
      const placed = breakpoint.state === 'active' && breakpoint.onCpu === index;
      assert.equal(placed, here.includes(breakpoint), `${breakpoint.owner} in a register of CPU ${index}`);
    }
    const { ranges, table } = unit.filter;
    const { grain } = kernel.breakpoints.manifest;
    const expected = here.map(({ attr, register }) => ({
      register,
      ...blocks(attr.bp_addr, attr.bp_type === HW_BREAKPOINT_X ? 1n : BigInt(attr.bp_len), BigInt(grain)),
      read: (attr.bp_type & HW_BREAKPOINT_R) !== 0,
      write: (attr.bp_type & HW_BREAKPOINT_W) !== 0,
      fetch: attr.bp_type === HW_BREAKPOINT_X,
      port: false,
    }));
    if (!online) assert.deepEqual(ranges, [], `CPU ${index} is offline`);
    const sorted = expected.sort((a, b) => a.register - b.register);
    assert.deepEqual(ranges, sorted, `what CPU ${index} is armed for`);
    assert.equal(Buffer.compare(Buffer.from(table), tableOf(sorted)), 0, `the filter table of CPU ${index}`);
  }
}

/** The blocks of the silicon's grain that a range touches. */
function blocks(first: bigint, length: bigint, grain: bigint): { address: bigint; length: number } {
  const address = first - (first % grain);
  const end = first + length + ((grain - ((first + length) % grain)) % grain);
  return { address, length: Number(end - address) };
}

/** The filter table that its description promises for these ranges. */
function tableOf(
  ranges: readonly { address: bigint; length: number; read: boolean; write: boolean; fetch: boolean }[],
) {
  const table = Buffer.alloc(0x4000);
  for (const { address, length, read, write, fetch } of ranges) {
    const count = (part: number, first: bigint): void => {
      const last = (address + BigInt(length) - 1n) >> 3n;
      for (let granule = first >> 3n; granule <= last; granule++) {
        const at = part | (Number(granule & 0xfffn) & FILTER_MASK);
        table[at] = (table[at] ?? 0) + 1;
      }
    };
    if (read) count(FILTER_READ, address - 7n);
    if (write) count(FILTER_WRITE, address - 7n);
    if (fetch) count(FILTER_FETCH, address);
  }
  return table;
}

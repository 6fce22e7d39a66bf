import {
  type ArchBackend,
  type Architecture,
  type ArchManifest,
  architecture,
  defineManifest,
  GUEST_DEBUG,
  NEUTRAL_ROLES,
  offer,
  type RegisterRoles,
  SYSTEM_CALL_ABI,
  TARGET_DESCRIPTION,
  TRAP_INSTRUCTION,
  USER_AREA,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import { parseRequest } from './driver/parse.js';
import type { X86Breakpoint } from './driver/x86-breakpoint.js';
import { createX86Driver } from './driver/x86-driver.js';
import { X86Port } from './driver/x86-port.js';
import { x86GuestDebug } from './facets/guest-debug.js';
import { x86SystemCallAbi } from './facets/system-call-abi.js';
import { x86TargetDescription } from './facets/target-description.js';
import { writableRegisters, x86UserArea } from './facets/user-area.js';
import { X86UserDebugRegisters } from './facets/user-debug-registers.js';
import { type ResolvedFeatures, resolveFeatures, type X86Features } from './features.js';
import { X86_QUIRKS } from './quirks.js';
import { X86DebugUnit } from './silicon/x86-debug-unit.js';
import { X86_DEBUG_REGISTERS } from './silicon/x86-silicon.js';

/** The opcode of INT3. */
const INT3 = Uint8Array.of(0xcc);

/**
 * By the system V ABI's system call convention (arch/x86/entry/entry_64.S); on 32 bits there are fewer than it takes.
 */
const ROLES: RegisterRoles = Object.freeze({
  number: 'rax',
  args: Object.freeze(['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9']),
  result: 'rax',
  stack: 'rsp',
  general: Object.freeze(['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15', 'rcx', 'r11']),
  names: Object.freeze(writableRegisters(64)),
});
/** Those of programs that name none of the architecture's own, and its own. */
const ROLES_32: RegisterRoles = Object.freeze({
  ...NEUTRAL_ROLES,
  names: Object.freeze([
    ...writableRegisters(32),
    NEUTRAL_ROLES.number,
    NEUTRAL_ROLES.stack,
    ...NEUTRAL_ROLES.args,
    ...NEUTRAL_ROLES.general,
  ]),
});

function manifestOf(features: ResolvedFeatures): ArchManifest {
  const wide = features.bits === 64;
  return defineManifest({
    name: 'x86',
    slots: { data: X86_DEBUG_REGISTERS, instruction: X86_DEBUG_REGISTERS, shared: true },
    registerNames: Array.from({ length: X86_DEBUG_REGISTERS }, (_, register) => `DR${register}`),
    access: ['w', 'rw', 'x'],
    dataLengths: wide ? [1, 2, 4, 8] : [1, 2, 4],
    executeLength: features.bits / 8,
    alignment: 'natural',
    granule: 8,
    timing: { data: 'after', execute: 'before' },
    privilegeFilter: false,
    longestRange: features.rangeBreakpoints ? 0x8000_0000 : 0,
    wordSize: wide ? 8 : 4,
    pageSize: 4096,
    taskSize: features.taskSize,
    // Linux's 32-bit kernels have their image inside the direct map; here it lies below, in memory of its own.
    directMap: wide ? 0xffff_8880_0000_0000n : 0xe000_0000n,
    // 64 TiB (Documentation/arch/x86/x86_64/mm.rst); on 32 bits up to the last address.
    directMapSize: wide ? 1n << 46n : 0x2000_0000n,
    roles: wide ? ROLES : ROLES_32,
  });
}

/** The x86 backend: four registers for data and execution, hits reported after the access. */
export function x86Backend(features: X86Features = {}): ArchBackend<X86Breakpoint> {
  const resolved = resolveFeatures(features);
  return {
    manifest: manifestOf(resolved),
    createUnit: () => new X86DebugUnit(resolved),
    createDriver: createX86Driver,
    parse: (attr, quirks) => parseRequest(attr, resolved, quirks),
    connect: (host) => new X86Port(host, resolved),
  };
}

/** x86 for `composeKernel({ arch: x86() })`. */
export function x86(features: X86Features = {}): Architecture {
  const resolved = resolveFeatures(features);
  return architecture(x86Backend(features), {
    facets: [
      offer(USER_DEBUG_REGISTERS, (services) => new X86UserDebugRegisters(services, resolved)),
      offer(USER_AREA, () => x86UserArea(resolved.bits)),
      offer(TARGET_DESCRIPTION, () => x86TargetDescription(resolved.bits)),
      offer(SYSTEM_CALL_ABI, () => x86SystemCallAbi(resolved.bits)),
      offer(TRAP_INSTRUCTION, () => ({ encodings: [INT3], alignment: 1 })),
      offer(GUEST_DEBUG, ({ quirks }) => x86GuestDebug(resolved, quirks)),
    ],
    quirks: X86_QUIRKS,
    options: features,
  });
}

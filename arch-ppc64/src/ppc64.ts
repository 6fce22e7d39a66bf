import {
  type ArchBackend,
  type Architecture,
  type ArchManifest,
  architecture,
  BREAKPOINT_PLACES,
  defineManifest,
  GUEST_DEBUG,
  HARDWARE_DEBUG_REQUESTS,
  INSTRUCTION_BREAKPOINT,
  offer,
  type RegisterRoles,
  SYSTEM_CALL_ABI,
  TARGET_DESCRIPTION,
  TRAP_INSTRUCTION,
  USER_AREA,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import { CPU_MODELS } from './cpu-models.js';
import { KERNEL_START, parseRequest } from './driver/parse.js';
import type { Ppc64Breakpoint } from './driver/ppc64-breakpoint.js';
import { createPpc64Driver } from './driver/ppc64-driver.js';
import { Ppc64Port } from './driver/ppc64-port.js';
import { ppc64BreakpointPlaces } from './facets/breakpoint-places.js';
import { ppc64GuestDebug } from './facets/guest-debug.js';
import { Ppc64HardwareDebug } from './facets/hardware-debug-requests.js';
import { Ppc64InstructionBreakpoint } from './facets/instruction-breakpoint.js';
import { PPC64_SYSTEM_CALL_ABI } from './facets/system-call-abi.js';
import { ppc64TargetDescription } from './facets/target-description.js';
import { ppc64UserArea, WRITABLE_REGISTERS } from './facets/user-area.js';
import { Ppc64UserDebugRegisters } from './facets/user-debug-registers.js';
import { type Ppc64Features, type ResolvedFeatures, resolveFeatures } from './features.js';
import { PPC64_QUIRKS } from './quirks.js';
import { Ppc64DebugUnit } from './silicon/ppc64-debug-unit.js';

/** `twge r2,r2`, which GDB writes, and `trap`, which Linux does; the highest byte first. */
const TRAPS = [Uint8Array.of(0x7d, 0x82, 0x10, 0x08), Uint8Array.of(0x7f, 0xe0, 0x00, 0x08)];

/** Bytes in a doubleword: what the silicon compares. */
const DOUBLEWORD = 8;

/** CIABR came with POWER8. */
const hasCiabr = ({ model }: ResolvedFeatures): boolean => model.isa > 2.06;

/** Lengths, alignment and ranges. A range of ISA 3.1 lies anywhere, if its doublewords together are not too many. */
function reachOf({
  model,
}: ResolvedFeatures): Pick<ArchManifest, 'dataLengths' | 'alignment' | 'granule' | 'longestRange'> {
  if (!model.usable) return { dataLengths: [], alignment: 'granule', granule: DOUBLEWORD, longestRange: 0 };
  const longest = model.watches[0]?.longest ?? 0;
  const anywhere = model.crosses ? longest - DOUBLEWORD + 1 : longest;
  return {
    dataLengths: Array.from({ length: anywhere }, (_, i) => i + 1),
    alignment: model.crosses ? 'any' : 'granule',
    granule: longest,
    longestRange: model.crosses ? longest : 0,
  };
}

function manifestOf(features: ResolvedFeatures): ArchManifest {
  const { model, pageSize, taskSize, byteOrder, cpu, dabrx } = features;
  return defineManifest({
    name: `ppc64 ${cpu}`,
    slots: { data: model.watches.length, instruction: 0, shared: false },
    registerNames: model.watches.map(({ name }) => name),
    access: model.usable ? ['r', 'w', 'rw'] : [],
    executeLength: undefined,
    ...reachOf(features),
    grain: DOUBLEWORD,
    timing: { data: 'before', execute: 'before' },
    privilegeFilter: model.isa > 2.06 || dabrx,
    wordSize: 8,
    pageSize,
    taskSize,
    kernelStart: KERNEL_START,
    directMap: KERNEL_START,
    // 64 TiB: MAX_PHYSMEM_BITS of its 4 KiB pages, the least of all configurations.
    directMapSize: 1n << 46n,
    byteOrder,
    roles: ROLES,
  });
}

/**
 * The number in r0, arguments from r3 (Documentation/arch/powerpc/syscall64-abi.rst); what r14 on hold survives calls.
 */
const ROLES: RegisterRoles = Object.freeze({
  number: 'r0',
  args: Object.freeze(['r3', 'r4', 'r5', 'r6', 'r7', 'r8']),
  result: 'r3',
  stack: 'r1',
  general: Object.freeze(['r14', 'r15', 'r16', 'r17', 'r18', 'r19', 'r20', 'r21']),
  names: WRITABLE_REGISTERS,
});

/** The ppc64 backend: one or two data watchpoints, hits reported before the access. */
export function ppc64Backend(features: Ppc64Features = {}): ArchBackend<Ppc64Breakpoint> {
  const resolved = resolveFeatures(features);
  const { cpu, model, dar, dsisrStore, storesEarlier, dabrx } = resolved;
  const facts = { watches: model.watches, dabrx, dangerous: model.usable && !CPU_MODELS[cpu].usable };
  return {
    manifest: manifestOf(resolved),
    createUnit: () =>
      new Ppc64DebugUnit({
        layouts: model.watches,
        dar,
        dsisrStore,
        storesEarlier,
        dabrx,
        ciabr: hasCiabr(resolved),
      }),
    createDriver: (holder, quirks) => createPpc64Driver(holder, quirks, facts),
    parse: (attr, quirks) => parseRequest(attr, resolved, quirks),
    connect: (host) => new Ppc64Port(host, model.isa),
  };
}

/** ppc64 for `composeKernel({ arch: ppc64({ cpu: 'power8' }) })`. */
export function ppc64(features: Ppc64Features = {}): Architecture {
  const resolved = resolveFeatures(features);
  return architecture(ppc64Backend(features), {
    facets: [
      offer(USER_DEBUG_REGISTERS, (services) => new Ppc64UserDebugRegisters(services, resolved)),
      offer(HARDWARE_DEBUG_REQUESTS, (services) => new Ppc64HardwareDebug(services, resolved)),
      offer(GUEST_DEBUG, () => ppc64GuestDebug(resolved)),
      offer(USER_AREA, () => ppc64UserArea(resolved.byteOrder)),
      offer(SYSTEM_CALL_ABI, () => PPC64_SYSTEM_CALL_ABI),
      offer(TARGET_DESCRIPTION, () => ppc64TargetDescription(resolved.byteOrder)),
      offer(TRAP_INSTRUCTION, () => ({
        encodings: TRAPS.map((bytes) => (resolved.byteOrder === 'big' ? bytes : bytes.toReversed())),
        alignment: 4,
      })),
      offer(BREAKPOINT_PLACES, () => ppc64BreakpointPlaces(resolved.byteOrder)),
      ...(hasCiabr(resolved)
        ? [offer(INSTRUCTION_BREAKPOINT, (services) => new Ppc64InstructionBreakpoint(services))]
        : []),
    ],
    quirks: PPC64_QUIRKS,
    options: features,
  });
}

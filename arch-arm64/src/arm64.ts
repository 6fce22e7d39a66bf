import {
  type ArchBackend,
  type Architecture,
  architecture,
  type FacetServices,
  GUEST_DEBUG,
  offer,
  REGISTER_SETS,
  SINGLE_STEP,
  SYSTEM_CALL_ABI,
  TARGET_DESCRIPTION,
  TRAP_INSTRUCTION,
  USER_AREA,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import type { Arm64Breakpoint } from './driver/arm64-breakpoint.js';
import { Arm64Driver } from './driver/arm64-driver.js';
import { Arm64Port } from './driver/arm64-port.js';
import { parseRequest } from './driver/parse.js';
import { arm64GuestDebug } from './facets/guest-debug.js';
import { LinuxEntries } from './facets/linux-entries.js';
import { PairedEntries } from './facets/paired-entries.js';
import { arm64RegisterSets } from './facets/register-sets.js';
import { ARM64_SINGLE_STEP } from './facets/single-step.js';
import { ARM64_SYSTEM_CALL_ABI } from './facets/system-call-abi.js';
import { arm64TargetDescription } from './facets/target-description.js';
import type { TaskEntries } from './facets/task-entries.js';
import { arm64UserArea } from './facets/user-area.js';
import { type Arm64Features, type ResolvedFeatures, resolveFeatures } from './features.js';
import { manifestOf } from './manifest.js';
import { ARM64_QUIRKS, TOUCHED_ENTRIES_TAKE_SLOTS } from './quirks.js';
import { Arm64DebugUnit } from './silicon/arm64-debug-unit.js';

/** BRK #0, which GDB writes, as it lies in memory. */
const BRK = Uint8Array.of(0x00, 0x00, 0x20, 0xd4);
const INSTRUCTION = 4;

/** One object for each kernel, whichever facet asks. */
const entriesOfKernel = new WeakMap<object, TaskEntries>();

function entriesOf(services: FacetServices, features: ResolvedFeatures): TaskEntries {
  const { port, quirks } = services;
  const found = entriesOfKernel.get(port);
  if (found !== undefined) return found;
  const kept = quirks.isOn(TOUCHED_ENTRIES_TAKE_SLOTS);
  const made = kept ? new LinuxEntries(services, features) : new PairedEntries(services, features);
  entriesOfKernel.set(port, made);
  return made;
}

/** The arm64 backend: two pools of registers, hits reported before the instruction. */
export function arm64Backend(features: Arm64Features = {}): ArchBackend<Arm64Breakpoint> {
  const resolved = resolveFeatures(features);
  return {
    manifest: manifestOf(resolved),
    createUnit: () => new Arm64DebugUnit(resolved),
    createDriver: (holder) => new Arm64Driver(holder, resolved),
    parse: (attr, quirks, target) => parseRequest(attr, resolved, quirks, target),
    connect: (host) => new Arm64Port(host),
  };
}

/** arm64 for `composeKernel({ arch: arm64({ brps: 6, wrps: 4 }) })`. */
export function arm64(features: Arm64Features = {}): Architecture {
  const resolved = resolveFeatures(features);
  return architecture(arm64Backend(features), {
    facets: [
      offer(USER_DEBUG_REGISTERS, (services) => entriesOf(services, resolved).registers),
      offer(REGISTER_SETS, (services) => arm64RegisterSets(entriesOf(services, resolved), arm64UserArea(), resolved)),
      offer(SINGLE_STEP, () => ARM64_SINGLE_STEP),
      offer(GUEST_DEBUG, () => arm64GuestDebug(resolved)),
      offer(USER_AREA, arm64UserArea),
      offer(SYSTEM_CALL_ABI, () => ARM64_SYSTEM_CALL_ABI),
      offer(TARGET_DESCRIPTION, arm64TargetDescription),
      offer(TRAP_INSTRUCTION, () => ({ encodings: [BRK], alignment: INSTRUCTION })),
    ],
    quirks: ARM64_QUIRKS,
    options: features,
  });
}

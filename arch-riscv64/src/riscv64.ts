import {
  type ArchBackend,
  type Architecture,
  architecture,
  offer,
  SYSTEM_CALL_ABI,
  TARGET_DESCRIPTION,
  TRAP_INSTRUCTION,
  USER_AREA,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import { riscv64Driver } from './driver/riscv64-driver.js';
import { Riscv64Port } from './driver/riscv64-port.js';
import { parse, type TriggerBreakpoint } from './driver/trigger-breakpoint.js';
import { RISCV64_SYSTEM_CALL_ABI } from './facets/system-call-abi.js';
import { targetDescription } from './facets/target-description.js';
import { userArea } from './facets/user-area.js';
import { userDebugRegisters } from './facets/user-debug-registers.js';
import { manifestOf } from './manifest.js';
import { configOf, type Riscv64Options } from './options.js';
import { Riscv64DebugUnit } from './silicon/riscv64-debug-unit.js';

/** ebreak as it lies in memory. The compressed one has another length, and a trap instruction has one. */
const EBREAK = Uint8Array.of(0x73, 0x00, 0x10, 0x00);

/** The required contract alone. */
export function riscv64Backend(options: Riscv64Options = {}): ArchBackend<TriggerBreakpoint> {
  const config = configOf(options);
  const manifest = manifestOf(config);
  return {
    manifest,
    createUnit: () => new Riscv64DebugUnit(config),
    createDriver: (holder) => riscv64Driver(holder, config.triggers),
    parse: (attr) => parse(attr, manifest, config),
    connect: (host) => new Riscv64Port(host),
  };
}

/** RISC-V, 64 bits, with triggers: `composeKernel({ arch: riscv64() })`. */
export function riscv64(options: Riscv64Options = {}): Architecture {
  const { triggers } = configOf(options);
  return architecture(riscv64Backend(options), {
    facets: [
      offer(USER_DEBUG_REGISTERS, (services) => userDebugRegisters(services, triggers)),
      offer(USER_AREA, userArea),
      offer(SYSTEM_CALL_ABI, () => RISCV64_SYSTEM_CALL_ABI),
      offer(TARGET_DESCRIPTION, targetDescription),
      offer(TRAP_INSTRUCTION, () => ({ encodings: [EBREAK], alignment: 2 })),
    ],
    options,
  });
}

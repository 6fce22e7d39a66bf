export { hex, highHalf, isBelow, joinHalves, lowHalf, rangesOverlap } from './address.js';
export { Alarm, type AlarmHandler, type AlarmOptions, Alarms } from './alarms.js';
export { Bus } from './bus.js';
export type { BusDevice } from './bus-device.js';
export { checkMade } from './check-made.js';
export { type Clock, VirtualClock } from './clock.js';
export {
  Context,
  type ExecutionState,
  type Mode,
  type ResumePoint,
  readContext,
  type SavedContext,
  writeContext,
} from './context.js';
export type { ControlAccess, ControlFault, ControlResult } from './control.js';
export { Cpu } from './cpu.js';
export type { CpuParts } from './cpu-parts.js';
export {
  type DebugException,
  type DebugUnit,
  debugException,
  type FlagsRegister,
  NullDebugUnit,
} from './debug-unit.js';
export { Hardware, type HardwareOptions, MOST_CPUS } from './hardware.js';
export type { HardwareHost, HostedRun } from './hardware-host.js';
export type { Hypervisor, InterruptedGuest, Visitor } from './hypervisor.js';
export type {
  Access,
  DecodedInstruction,
  HypercallRequest,
  Loaded,
  MachineInstruction,
  Operation,
} from './instruction.js';
export { checkLine, INTERRUPT_LINES, InterruptLines } from './interrupts.js';
export { AddressSpace } from './memory/address-space.js';
export { Mmu, type Translation } from './memory/mmu.js';
export { type AddressSpaceOptions, bytesOf, type ForceOptions, type PagePermissions } from './memory/page.js';
export { type ByteOrder, PhysicalMemory } from './memory/physical-memory.js';
export { NEUTRAL_ROLES, type RegisterRoles } from './register-roles.js';
export { SoftwareBreakpoints } from './software-breakpoints.js';
export type {
  Completed,
  ControlTrap,
  CopyFault,
  DeviceAccess,
  DeviceTrap,
  HypercallTrap,
  Interrupt,
  NonMaskableInterrupt,
  OperationTrap,
  PageFault,
  SoftwareTrap,
  SystemCallTrap,
  Trap,
  VirtualTrap,
} from './trap.js';
export { NON_MASKABLE } from './trap.js';
export { type CpuRun, NOBODY, type TrapHandler } from './trap-handler.js';
export { ValueError } from './value-error.js';
export {
  type ArmedRange,
  CONDITION_FETCH,
  CONDITION_PORT,
  CONDITION_READ,
  CONDITION_WRITE,
  FILTER_FETCH,
  FILTER_MASK,
  FILTER_PORT,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  WatchFilter,
} from './watch-filter.js';

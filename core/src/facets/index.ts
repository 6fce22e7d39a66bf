export { BREAKPOINT_PLACES, type BreakpointPlaces } from './breakpoint-places.js';
export { describeTarget, type RegisterAccess, type TargetNames } from './describe-target.js';
export {
  describeUserArea,
  TASK_COUNTER,
  type TaskRegisterAccess,
  type UserAreaFields,
} from './describe-user-area.js';
export { Facet } from './facet.js';
export {
  type DebugExit,
  type Emulation,
  GUEST_DEBUG,
  type GuestDebug,
  type GuestDebugState,
  type GuestHost,
  type Interception,
  type OutsideDebugging,
} from './guest-debug.js';
export { GuestDebugBase, type GuestUnit, type GuestUnitKeeper } from './guest-debug-base.js';
export {
  HARDWARE_DEBUG_REQUESTS,
  type HardwareDebugInfo,
  type HardwareDebugRequest,
  type HardwareDebugRequests,
  PPC_BREAKPOINT_CONDITION_NONE,
  PPC_BREAKPOINT_MODE_EXACT,
  PPC_BREAKPOINT_MODE_MASK,
  PPC_BREAKPOINT_MODE_RANGE_EXCLUSIVE,
  PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE,
  PPC_BREAKPOINT_TRIGGER_EXECUTE,
  PPC_BREAKPOINT_TRIGGER_READ,
  PPC_BREAKPOINT_TRIGGER_WRITE,
  PPC_DEBUG_FEATURE_DATA_BP_ARCH_31,
  PPC_DEBUG_FEATURE_DATA_BP_DAWR,
  PPC_DEBUG_FEATURE_DATA_BP_MASK,
  PPC_DEBUG_FEATURE_DATA_BP_RANGE,
  PPC_DEBUG_FEATURE_INSN_BP_MASK,
  PPC_DEBUG_FEATURE_INSN_BP_RANGE,
} from './hardware-debug-requests.js';
export {
  INSTRUCTION_BREAKPOINT,
  type InstructionBreakpoint,
  type InstructionClaim,
  type InstructionHandler,
} from './instruction-breakpoint.js';
export {
  PairedDebugRegisters,
  type PairedRegistersRules,
  type PairedRegistersServices,
  type PairSetting,
  type PairValue,
} from './paired-debug-registers.js';
export { NT_PRSTATUS, REGISTER_SETS, type RegisterSet, type RegisterSets } from './register-sets.js';
export { SINGLE_STEP, type SingleStep } from './single-step.js';
export { SYSTEM_CALL_ABI } from './system-call-abi.js';
export { SYSTEM_CALL_NUMBERS, type SystemCallNumbers } from './system-call-numbers.js';
export { TARGET_DESCRIPTION, type TargetDescription } from './target-description.js';
export {
  type RegisterFields,
  type TargetFeature,
  type TargetLayout,
  type TargetLayoutFields,
  type TargetRegister,
  targetLayout,
} from './target-layout.js';
export { Token } from './token.js';
export { TRAP_INSTRUCTION, type TrapInstruction } from './trap-instruction.js';
export { USER_AREA, type UserArea, type UserAreaField } from './user-area.js';
export { USER_DEBUG_REGISTERS, USER_DEBUGGERS, type UserDebugRegisters } from './user-debug-registers.js';

export type { ChildChange, ChildStatus, ExitStatus } from './child-changes.js';
export { Children, type WaitOptions } from './children.js';
export { Console } from './console.js';
export type { Departure } from './departure.js';
export { type DeviceLine, DeviceLines, Dma, IoMappings } from './devices/index.js';
export {
  DieChain,
  type DieRecord,
  type ExceptionInProgress,
  type FinalVerdict,
  type Finisher,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Notifier,
  type Suspension,
  type SuspensionKeeper,
  type Verdict,
} from './die-chain.js';
export { Disposables } from './disposables.js';
export { ErrorChannel, type ErrorDecision, type ErrorReport } from './error-channel.js';
export { type ExecutionGate, NOBODY_RUNS } from './execution-gate.js';
export type { Frame, FrameKind } from './frame.js';
export { Hibernation } from './hibernation/hibernation.js';
export type { ImagePart } from './hibernation/image-parts.js';
export { loadExit, loadSignal, saveSignal } from './hibernation/task-image.js';
export { HookList, type HookReport } from './hooks.js';
export { Hotplug } from './hotplug.js';
export {
  HOTPLUG_STATES,
  type HotplugCallbacks,
  type HotplugEntry,
  type HotplugReason,
  type HotplugState,
} from './hotplug-states.js';
export {
  type CallOptions,
  EXECUTION_CONTEXTS,
  type ExecutionContext,
  type HandlerCode,
  type HandlerKind,
  type Interrupted,
  Interrupts,
  type IpiCall,
  type IrqHandler,
} from './interrupts/index.js';
export { type LogEntry, type Logger, type LogLevel, RingLogger } from './logger.js';
export { Machine } from './machine.js';
export type { MachineHooks } from './machine-hooks.js';
export type {
  ArchTrap,
  ExceptionEntry,
  MachineOptions,
  MemoryLayout,
  RunResult,
  SpawnOptions,
} from './machine-options.js';
export { QUANTUM, TICK } from './machine-options.js';
export { NoProgress } from './no-progress.js';
export { Power, type PowerCallbacks, type PowerStage } from './power.js';
export type { ExecOptions, ForkOptions } from './process-table.js';
export { RoundRobin } from './scheduling/round-robin.js';
export {
  Scheduling,
  type SchedulingMechanism,
  type SchedulingParts,
} from './scheduling/scheduling.js';
export type {
  Admits,
  Balancing,
  DequeueReason,
  EnqueueReason,
  PerTask,
  PlaceReason,
  SchedulingClass,
  SchedulingHost,
  SchedulingImage,
  TaskParameters,
  WaitingTasks,
} from './scheduling/scheduling-class.js';
export { EVERYBODY, NOTHING } from './scheduling/scheduling-class.js';
export type { SchedulingParameters } from './scheduling/scheduling-parameters.js';
export type { Turn, TurnOrder } from './scheduling/turn-order.js';
export {
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  type SignalAction,
  type SignalActions,
  type SignalHandler,
} from './signal-action.js';
export {
  isRealTime,
  numberOf,
  type RealTimeSignal,
  SI_CODES,
  SIGNALS,
  SIGRTMIN,
  type SignalInfo,
  type SignalName,
  TRAP_PERF_FLAG_ASYNC,
} from './signals.js';
export {
  type KernelSymbol,
  type Location,
  StaticSymbolTable,
  type SymbolTable,
  SymbolTables,
  symbolize,
} from './symbols.js';
export {
  type CallResult,
  type CallSteps,
  type CallTable,
  type CallValue,
  isError,
  type NumberedCall,
  type NumberedHandler,
  type RestartName,
  type SystemCallAbi,
  type SystemCallHost,
  SystemCallRestart,
  SystemCalls,
} from './system-calls/index.js';
export {
  checkTask,
  isTask,
  type Task,
  type TaskRunState,
  type Tracer,
} from './task.js';
export { TaskState, type TaskStateForm } from './task-state.js';
export type { TaskWork } from './task-work.js';
export type { Timer, TimerAction, TimerOptions, Timers } from './timers/index.js';
export {
  type BlockedTask,
  blockedTasks,
  type QueueWait,
  type Wait,
  type WaitHost,
  WaitQueue,
  type WaitQueueOptions,
  waitCycles,
} from './waits/index.js';
export type { Work } from './work.js';

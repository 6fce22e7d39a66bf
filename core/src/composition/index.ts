export { type Architecture, type ArchitectureExtras, architecture, type FacetOffer, offer } from './architecture.js';
export { composeKernel } from './compose.js';
export {
  COMPOSITION_ERRORS,
  CompositionError,
  type CompositionErrorCode,
  CompositionTypeError,
} from './composition-error.js';
export { defineKernel, type KernelConfig, type KernelConfigFunction, type KernelRequest } from './define-kernel.js';
export type { KernelDescription, PartDescription, PluginDescription } from './describe.js';
export { type Device, type DeviceHost, device } from './devices.js';
export type { FacetServices } from './facet-services.js';
export type { DeviceRegisters } from './guarded-device.js';
export type { KernelImage } from './image.js';
export { type Constructor, inject, injectable, injectionsOf } from './injection.js';
export { Kernel, type KernelParts } from './kernel.js';
export type { KernelOptions, SuccessorOptions } from './kernel-options.js';
export {
  type Consumer,
  type ConsumerClass,
  consumerPlugin,
  type Plugin,
  type PluginManifest,
  plugin,
} from './plugin.js';
export { type Provision, provide, provideClass, provideValue } from './provision.js';
export { resumeKernel } from './resume-kernel.js';
export {
  defineScheduler,
  directScheduler,
  type PerfEventsOptions,
  perfEvents,
  type SchedulerParts,
} from './schedulers.js';
export type { Services } from './services.js';
export type { Settings } from './settings.js';
export {
  DEBUGGER_PRIORITY,
  defineSlotPolicy,
  flexible,
  linuxSlotPolicy,
  type PrioritiesOptions,
  priorities,
  type SlotPolicyPlugin,
  wrapSlotPolicy,
} from './slot-policies.js';
export { type SystemCall, type SystemCallHandler, type SystemCallsOptions, syscalls } from './system-calls.js';
export { defineTaskScheduler, roundRobin } from './task-schedulers.js';
export {
  ACCOUNTING,
  ARCH_HOST,
  BACKEND,
  BREAKPOINT_SCHEDULER,
  BREAKPOINTS,
  CONSOLE,
  DELIVERY,
  DEVICE_LINES,
  DRIVERS,
  EVENTS,
  FACET_SERVICES,
  HANDLER_ERRORS,
  HARDWARE,
  IO_MAPPINGS,
  LOGGER,
  MACHINE,
  MANIFEST,
  PORT,
  PRIORITIES,
  QUIRKS,
  RANDOM,
  REGISTER_FILE,
  REGISTERS,
  ROUTINES,
  SCHEDULING,
  SERVICES,
  SETTINGS,
  SLOT_POLICY,
  SYMBOLS,
  SYSTEM_CALLS,
  TASK_SCHEDULER,
} from './tokens.js';

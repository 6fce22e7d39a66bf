export * from './assert/contract-failure.js';
export * from './backend-contract.js';
export * from './consumer/consumer-contract.js';
export type { ConsumerCase, ConsumerContractOptions } from './consumer/consumer-subject.js';
export * from './device/device-contract.js';
export type {
  DeviceCase,
  DeviceContractOptions,
  DeviceUse,
  RegisterPlace,
  Registers,
} from './device/device-subject.js';
export * from './driver/driver-contract.js';
export * from './facet/facet-contract.js';
export type {
  DebugRegisterUse,
  FacetCase,
  FacetContractOptions,
  RegisterWrite,
  WritableBits,
} from './facet/facet-subject.js';
export * from './fakes/index.js';
export { type BackendCase, type BackendContractOptions, BackendSubject } from './lab/backend-subject.js';
export type { Bench, BenchInstruction, BenchState } from './lab/bench.js';
export type { Lab, Watch } from './lab/lab.js';
export type { Spot } from './lab/spot.js';
export type { PolicyCase, SlotPolicyContractOptions } from './policy/policy-subject.js';
export * from './policy/slot-policy-contract.js';
export * from './runner/collect.js';
export * from './runner/contract-case.js';
export * from './runner/test-function.js';
export * from './scheduler/scheduler-contract.js';
export * from './scheduling/scheduling-contract.js';
export type { SchedulingLab } from './scheduling/scheduling-lab.js';
export type { SchedulingCase, SchedulingContractOptions } from './scheduling/scheduling-subject.js';
export * from './silicon/silicon-contract.js';
export * from './system-calls/system-call-contract.js';
export type { SystemCallCase, SystemCallContractOptions } from './system-calls/system-call-subject.js';
export type { SystemCallUse } from './system-calls/use.js';
export * from './together/together-contract.js';

import type { Handler, PacketFamily } from '../outcome.js';
import { type GeneralNeeds, generalPackets } from './general.js';
import { type MemoryNeeds, memoryPackets } from './memory.js';
import { type MonitorNeeds, monitorPackets } from './monitor.js';
import { type PointNeeds, pointPackets } from './points.js';
import { type RegisterNeeds, registerPackets } from './registers.js';
import { type ResumeNeeds, resumePackets } from './resume.js';
import { type SessionNeeds, sessionPackets } from './session.js';
import { type SignalNeeds, signalPackets } from './signals.js';
import { type SystemCallNeeds, systemCallPackets } from './system-calls.js';
import { type ThreadNeeds, threadPackets } from './threads.js';
import { type TransferNeeds, transferPackets } from './transfer.js';

/** Everything that some family needs. */
export type PacketNeeds = GeneralNeeds &
  RegisterNeeds &
  MemoryNeeds &
  PointNeeds &
  ResumeNeeds &
  ThreadNeeds &
  TransferNeeds &
  MonitorNeeds &
  SignalNeeds &
  SystemCallNeeds &
  SessionNeeds;

const FAMILIES: readonly PacketFamily<PacketNeeds>[] = [
  generalPackets,
  registerPackets,
  memoryPackets,
  pointPackets,
  resumePackets,
  threadPackets,
  transferPackets,
  monitorPackets,
  signalPackets,
  systemCallPackets,
  sessionPackets,
];

/** Every packet that the stub knows, by name. */
export const PACKETS: ReadonlyMap<string, Handler<PacketNeeds>> = new Map(
  FAMILIES.flatMap((family) => Object.entries(family)),
);

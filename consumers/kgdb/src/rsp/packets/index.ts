import type { Handler } from '../outcome.js';
import { generalPackets } from './general.js';
import { memoryPackets } from './memory.js';
import { monitorPackets } from './monitor.js';
import { pointPackets } from './points.js';
import { registerPackets } from './registers.js';
import { resumePackets } from './resume.js';
import { sessionPackets } from './session.js';
import { threadPackets } from './threads.js';
import { transferPackets } from './transfer.js';

/** Every packet that the stub knows, by name. */
export const PACKETS: ReadonlyMap<string, Handler> = new Map(
  [
    generalPackets,
    registerPackets,
    memoryPackets,
    pointPackets,
    resumePackets,
    threadPackets,
    transferPackets,
    monitorPackets,
    sessionPackets,
  ].flatMap((family) => Object.entries(family)),
);

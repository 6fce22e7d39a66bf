import type { Machine } from '@hwbp/core';
import type { TargetParts } from '../target/parts.js';
import { Monitor } from './monitor.js';
import { slotTable } from './slot-table.js';

function scheduleText({ departure, count }: Machine): string {
  const now = `instruction ${count} of the machine`;
  if (departure === undefined) return `now: ${now}; everything so far is as it would have been without a debugger\n`;
  return `now: ${now}; changed since instruction ${departure.count}: ${departure.cause}\n`;
}

/** What a debugger can ask of a kernel that it is a part of. */
export function kernelMonitor(parts: TargetParts): Monitor {
  return new Monitor({
    bps: {
      help: 'every debug register of every CPU and who holds it; they are armed again when the machine goes on',
      run: () => slotTable(parts),
    },
    schedule: {
      help: 'whether everybody executes what they would have executed without a debugger, and since when not',
      run: () => scheduleText(parts.machine),
    },
  });
}

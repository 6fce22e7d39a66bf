import type { HistoryData, HistoryEvent } from './data.js';

/** One line about something that happened. */
export function happened(
  event: HistoryEvent,
  { owners, registers }: Pick<HistoryData, 'owners' | 'registers'>,
): string {
  switch (event.kind) {
    case 'hit':
      return `hit of ${registers[event.register] ?? event.register}: ${owners[event.owner]} ${event.what}, pc ${event.pc}`;
    case 'stop':
      return event.of === 'machine' ? `${event.why} stops the machine` : `stopped: ${event.why}`;
    case 'switch':
      return `switch from ${event.from ?? 'idle'} to ${event.to ?? 'idle'}`;
    case 'interrupt':
      return event.line < 0 ? 'non-maskable interrupt' : `interrupt ${event.line}`;
    case 'guest-entry':
      return 'guest enters';
    case 'guest-exit':
      return 'guest leaves';
    case 'waits':
      return `${owners[event.owner]} waits for ${event.what}`;
    case 'granted':
      return `${owners[event.owner]} is granted ${event.what}`;
    case 'displaced':
      return `${owners[event.owner]} loses ${event.what}${event.by === undefined ? '' : ` to ${event.by}`}`;
    case 'refused':
      return `${event.owner} is refused ${event.what}: ${event.holders.join('; ') || 'it cannot wait'}`;
  }
}

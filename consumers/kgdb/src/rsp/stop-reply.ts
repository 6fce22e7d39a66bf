import { hexByte } from './hex.js';
import { writeRegister } from './registers.js';
import type { ReplyWriter } from './reply-writer.js';
import type { RegistersPort, Stop, StopReason, ThreadsPort } from './target-port.js';
import { formatProcess, formatThread } from './thread-id.js';
import type { ThreadSelection } from './thread-selection.js';

/** What a stop reply is made of. */
export interface StopReplyNeeds {
  readonly reply: ReplyWriter;
  readonly registers: RegistersPort;
  readonly threads: Pick<ThreadsPort, 'cpuOf'>;
  /** The thread that stopped becomes the selected one. */
  readonly selection: Pick<ThreadSelection, 'general'>;
  /** What the debugger said that it understands. */
  readonly features: ReadonlySet<string>;
}

/** Why it stopped, if the debugger understands that. */
function reasonText(reason: StopReason, features: ReadonlySet<string>): string {
  if ('address' in reason) return `${reason.kind}:${reason.address.toString(16)};`;
  return reason.kind !== 'no-resumed' && features.has(reason.kind) ? `${reason.kind}:;` : '';
}

/**
 * Writes the stop as a stop reply: `T` with the reason, the registers that are wanted first, and the thread; `W` or `X`
 * at the end.
 */
export function writeStop({ reply, registers, threads, selection, features }: StopReplyNeeds, stop: Stop): void {
  if (stop.kind === 'exited') {
    reply.text(`W${hexByte(stop.code)}${formatProcess(features)}`);
    return;
  }
  if (stop.kind === 'killed') {
    reply.text(`X${hexByte(stop.signal)}${formatProcess(features)}`);
    return;
  }
  if (stop.reason?.kind === 'no-resumed' && features.has('no-resumed')) {
    reply.text('N');
    selection.general = stop.thread;
    return;
  }
  reply.text(`T${hexByte(stop.signal)}`);
  if (stop.reason !== undefined) reply.text(reasonText(stop.reason, features));
  for (const register of registers.description.expedited) {
    reply.text(register.toString(16));
    reply.text(':');
    writeRegister(reply, registers, stop.thread, register);
    reply.text(';');
  }
  reply.text(`thread:${formatThread(stop.thread, features)};`);
  const cpu = threads.cpuOf(stop.thread);
  if (cpu !== undefined && cpu >= 0) reply.text(`core:${cpu.toString(16)};`);
  selection.general = stop.thread;
}

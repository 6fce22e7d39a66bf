import { utf8 } from '@hwbp/core';
import { hexByte } from './hex.js';
import { writeRegister } from './registers.js';
import type { ReplyWriter } from './reply-writer.js';
import type { RegistersPort, Stop, StopReason, ThreadsPort } from './target-port.js';
import type { ThreadNames } from './thread-id.js';
import type { ThreadSelection } from './thread-selection.js';

/** What a stop reply is made of. */
export interface StopReplyNeeds {
  readonly reply: ReplyWriter;
  readonly registers: RegistersPort;
  readonly threads: Pick<ThreadsPort, 'cpuOf'>;
  /** The thread that stopped becomes the selected one. */
  readonly selection: Pick<ThreadSelection, 'general'>;
  readonly names: Pick<ThreadNames, 'format' | 'formatProcess'>;
  /** What the debugger said that it understands. */
  readonly features: ReadonlySet<string>;
}

/** What the debugger wants to know, behind the name of the reason; `undefined`: it would not understand. */
function detailOf(
  reason: StopReason,
  { names, features }: Pick<StopReplyNeeds, 'names' | 'features'>,
): string | undefined {
  switch (reason.kind) {
    case 'watch':
    case 'rwatch':
    case 'awatch':
      return reason.address.toString(16);
    case 'syscall_entry':
    case 'syscall_return':
      return reason.number.toString(16);
    case 'fork':
    case 'vfork':
      return names.format(reason.child, reason.process);
    case 'exec':
      return [...utf8(reason.path)].map(hexByte).join('');
    case 'vforkdone':
      return '';
    case 'no-resumed':
      return undefined;
    default:
      return features.has(reason.kind) ? '' : undefined;
  }
}

/** Why it stopped, if the debugger understands that. */
function reasonText(reason: StopReason, needs: Pick<StopReplyNeeds, 'names' | 'features'>): string {
  const detail = detailOf(reason, needs);
  return detail === undefined ? '' : `${reason.kind}:${detail};`;
}

/**
 * Writes the stop as a stop reply: `T` with the reason, the registers that are wanted first, and the thread; `W` or `X`
 * at the end.
 */
export function writeStop(needs: StopReplyNeeds, stop: Stop): void {
  const { reply, registers, threads, selection, names, features } = needs;
  if (stop.kind === 'exited') {
    reply.text(`W${hexByte(stop.code)}${names.formatProcess(stop.process)}`);
    return;
  }
  if (stop.kind === 'killed') {
    reply.text(`X${hexByte(stop.signal)}${names.formatProcess(stop.process)}`);
    return;
  }
  if (stop.reason?.kind === 'no-resumed' && features.has('no-resumed')) {
    reply.text('N');
    selection.general = stop.thread;
    return;
  }
  reply.text(`T${hexByte(stop.signal)}`);
  if (stop.reason !== undefined) reply.text(reasonText(stop.reason, needs));
  for (const register of registers.description.expedited) {
    reply.text(register.toString(16));
    reply.text(':');
    writeRegister(reply, registers, stop.thread, register);
    reply.text(';');
  }
  reply.text(`thread:${names.format(stop.thread)};`);
  const cpu = threads.cpuOf(stop.thread);
  if (cpu !== undefined && cpu >= 0) reply.text(`core:${cpu.toString(16)};`);
  selection.general = stop.thread;
}

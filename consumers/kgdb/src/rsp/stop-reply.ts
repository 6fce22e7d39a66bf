import type { Stop, StopReason } from '../target/port.js';
import { hexByte } from './hex.js';
import { writeRegister } from './registers.js';
import type { Stub } from './stub.js';

/** Why it stopped, if the debugger understands that. */
function reasonText(reason: StopReason, { features }: Stub): string {
  if ('address' in reason) return `${reason.kind}:${reason.address.toString(16)};`;
  return features.has(reason.kind) ? `${reason.kind}:;` : '';
}

/** Writes the stop as a stop reply: `T` with the reason, the registers that are wanted first, and the thread; `W` or `X` at the end. */
export function writeStop(stub: Stub, stop: Stop): void {
  const { reply, target } = stub;
  if (stop.kind === 'exited') {
    reply.text(`W${hexByte(stop.code)}`);
    return;
  }
  if (stop.kind === 'killed') {
    reply.text(`X${hexByte(stop.signal)}`);
    return;
  }
  reply.text(`T${hexByte(stop.signal)}`);
  if (stop.reason !== undefined) reply.text(reasonText(stop.reason, stub));
  for (const register of target.registers.description.expedited) {
    reply.text(`${register.toString(16)}:`);
    writeRegister(stub, stop.thread, register);
    reply.text(';');
  }
  reply.text(`thread:${stop.thread.toString(16)};`);
  const cpu = target.threads.cpuOf(stop.thread);
  if (cpu !== undefined && cpu >= 0) reply.text(`core:${cpu.toString(16)};`);
  stub.generalThread = stop.thread;
}

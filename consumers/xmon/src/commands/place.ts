import type { Cpu } from '@hwbp/core';
import type { Stop } from '../stop.js';
import { addressText } from '../text/symbol-text.js';
import { type Desk, symbolsOf, wordOf } from './command.js';

/** The number of a CPU, as xmon writes it. */
export const cpuText = ({ index }: Cpu): string => `CPU 0x${index.toString(16)}`;

/** Where a CPU is: its program counter, its task and mode. */
export function placeText(desk: Desk, cpu: Cpu): string {
  const context = desk.world.contextOf(cpu);
  if (context === undefined) return '  idle';
  const task = desk.parts.machine.upcoming(cpu) ?? 'none';
  return `    pc: ${addressText(symbolsOf(desk), context.pc, wordOf(desk))}\n  task: ${task}, ${context.mode} mode`;
}

/** Why xmon has the machine, and where. */
export function stopText(desk: Desk, stop: Stop): string {
  const again = desk.world.comesAgain
    ? '\n  the access is made when the machine goes on, and hits again: clear the breakpoint (bc) or step first (s)'
    : '';
  return `${cpuText(stop.cpu)}: ${causeText(desk, stop)}\n${placeText(desk, stop.cpu)}${again}`;
}

function causeText(desk: Desk, { cause, record }: Stop): string {
  const at = (address: bigint): string => addressText(symbolsOf(desk), address, wordOf(desk));
  switch (cause.kind) {
    case 'order':
      return 'entered by order';
    case 'kernel':
      return `the kernel stopped: ${cause.message}`;
    case 'trap':
    case 'reached':
      return `breakpoint ${cause.number.toString(16)}`;
    case 'completed':
      return `breakpoint ${cause.number.toString(16)}, behind ${at(record?.cpu.pc ?? 0n)}`;
    case 'data':
      return `data breakpoint ${at(cause.point.address)} [${cause.point.mode}]`;
  }
}

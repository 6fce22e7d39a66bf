import type { ExecutionContext, SymbolTable } from '@hwbp/core';
import type { KsymRecord } from './record.js';
import { functionText } from './symbol-text.js';

/** By type; a type that is not here makes a partial line, as in the kernel. */
const TYPE_COLUMNS: Readonly<Record<string, string>> = Object.freeze({ r: ' R  ', w: ' W  ', rw: ' RW ' });

/** The column of the context an entry was made in, as ftrace's latency format has it. */
const CONTEXT_COLUMN: Readonly<Record<ExecutionContext, string>> = Object.freeze({
  task: '.',
  idle: '.',
  softirq: 's',
  hardirq: 'h',
  nmi: 'z',
});

/** The lines above records in latency format: what the four columns behind the CPU are, each with its newline. */
export function formatLatencyHeader(): string {
  return [
    '#                  _------=> CPU#',
    '#                 / _-----=> irqs-off',
    '#                | / _----=> need-resched',
    '#                || / _---=> hardirq/softirq',
    '#                ||| / _--=> preempt-depth',
    '#                |||| /',
    '#  cmd     pid   ||||| time  |   caller',
    '#     \\   /      |||||   \\   |   /',
    '',
  ].join('\n');
}

/**
 * A record in latency format: `%8.8s-%-5d %3d`, four columns (`d`: interrupts were off; `N`: never here, a kernel of
 * this framework does not reschedule in an interrupt; `s` in a softirq, `h` in an interrupt handler, `z` in a
 * non-maskable one; no depth of preemption is counted), microseconds of the CPU's clock, and then as in the other
 * format.
 */
export function formatLatencyRecord(record: KsymRecord, symbols: SymbolTable): string {
  const { comm, pid, cpu, irqsOff, context, timestamp, symbol } = record;
  const task = `${comm.slice(0, 8).padStart(8)}-${String(pid).padEnd(5)} ${String(cpu).padStart(3)}`;
  const columns = `${irqsOff ? 'd' : '.'}.${CONTEXT_COLUMN[context]}.`;
  const time = `${String(Math.floor(timestamp / 1000)).padStart(5)}us :`;
  const start = `${task}${columns} ${time} ${symbol}`;
  const type = TYPE_COLUMNS[record.type];
  return type === undefined ? start : `${start}${type}${functionText(symbols, record.ip)}\n`;
}

/** The two lines above the records, each with its newline. */
export function formatTraceHeader(): string {
  return (
    '#       TASK-PID   CPU#      Symbol                    Type    Function\n' +
    '#          |        |          |                        |         |\n'
  );
}

/**
 * A record as one line with its newline: `%11s-%-5d [%03d] <symbol of the address> <type> <function of the ip>`. The
 * columns after the CPU are as wide as their text, as in the kernel, which does not line them up with the header
 * either. The symbol is the bare name at offset 0, the function is `name+0xoffset/0xsize` always. A type that is none
 * of the three ends the line after the symbol, without a newline: the kernel's partial line.
 */
export function formatTraceRecord(
  record: Pick<KsymRecord, 'comm' | 'pid' | 'cpu' | 'symbol' | 'type' | 'ip'>,
  symbols: SymbolTable,
): string {
  const task = `${record.comm.padStart(11)}-${String(record.pid).padEnd(5)}`;
  const start = `${task} [${String(record.cpu).padStart(3, '0')}] ${record.symbol}`;
  const type = TYPE_COLUMNS[record.type];
  return type === undefined ? start : `${start}${type}${functionText(symbols, record.ip)}\n`;
}

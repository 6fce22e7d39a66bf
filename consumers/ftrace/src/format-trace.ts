import type { SymbolTable } from '@hwbp/core';
import type { KsymRecord } from './record.js';
import { functionText } from './symbol-text.js';

/** By type; a type that is not here makes a partial line, as in the kernel. */
const TYPE_COLUMNS: Readonly<Record<string, string>> = Object.freeze({ r: ' R  ', w: ' W  ', rw: ' RW ' });

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
export function formatTraceRecord(record: KsymRecord, symbols: SymbolTable): string {
  const task = `${record.comm.padStart(11)}-${String(record.pid).padEnd(5)}`;
  const start = `${task} [${String(record.cpu).padStart(3, '0')}] ${record.symbol}`;
  const type = TYPE_COLUMNS[record.type];
  return type === undefined ? start : `${start}${type}${functionText(symbols, record.ip)}\n`;
}

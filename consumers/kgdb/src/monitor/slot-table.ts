import { type Breakpoint, type SymbolTable, symbolize, typeLetters } from '@hwbp/core';
import type { TargetParts } from '../target/parts.js';

type Row = readonly string[];

const HEAD: Row = ['CPU', 'slot', 'address', 'type', 'length', 'owner', 'for'];

function describe({ attr, owner, task, cpu }: Breakpoint, symbols: SymbolTable): Row {
  const { bp_addr, bp_type, bp_len } = attr;
  const where = `0x${bp_addr.toString(16)}`;
  const name = symbolize(symbols, bp_addr);
  const whom = task === undefined ? `CPU ${cpu}` : `task ${task}${cpu >= 0 ? ` on CPU ${cpu}` : ''}`;
  return [name === where ? where : `${where} ${name}`, typeLetters(bp_type), String(bp_len), owner, whom];
}

function layOut(rows: readonly Row[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Every debug register of every CPU, and who holds it; then whoever waits outside. */
export function slotTable({ machine, breakpoints, symbols }: TargetParts): string {
  const rows: Row[] = [HEAD];
  for (const { index, online } of machine.cpus) {
    const occupants = breakpoints.occupants(index);
    if (!online) {
      rows.push([String(index), '-', 'offline']);
      continue;
    }
    for (const [slot, occupant] of occupants.entries()) {
      const cells = occupant === undefined ? ['free'] : describe(occupant, symbols);
      rows.push([String(index), String(slot), ...cells]);
    }
    if (occupants.length === 0) rows.push([String(index), '-', 'no debug registers']);
  }
  const outside = [...breakpoints.registered, ...breakpoints.debugger.claims.map(({ breakpoint }) => breakpoint)]
    .filter(({ state }) => state !== 'active')
    .map((breakpoint): Row => ['-', breakpoint.state, ...describe(breakpoint, symbols)]);
  return layOut([...rows, ...outside]);
}

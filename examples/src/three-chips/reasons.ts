import { hex } from '@hwbp/core';
import type { Chip } from './chips.js';
import { row } from './row.js';
import { type Stop, VARIABLES } from './watch-lamp.js';

/** What was seen on one architecture. */
export interface Seen {
  readonly chip: Chip;
  readonly stops: readonly Stop[];
  /** Calls of the handler of a kernel breakpoint. */
  readonly hits: number;
}

function variableAt(address: bigint): string | undefined {
  return VARIABLES.find(([, first, length]) => address >= first && address < first + BigInt(length))?.[0];
}

/** Stops that were about this variable: x86 does not say, and only stops for what was asked for. */
function stopsFor({ stops }: Seen, variable: string): number {
  return stops.filter(({ pc, si_addr }) => (si_addr === pc ? 'lamp' : variableAt(si_addr)) === variable).length;
}

function reasons({ chip, stops }: Seen): string[] {
  const { grain, timing } = chip.arch.backend.manifest;
  const first = stops[0];
  const where = first === undefined ? '' : `; the first stop is at ${hex(first.pc)}, si_addr ${hex(first.si_addr)}`;
  const compared =
    grain === 1
      ? 'compares the bytes that were asked for'
      : `compares whole blocks of ${grain} bytes: stores to the neighbours match too. For its own handlers the kernel decodes the instruction and drops such hits; a debugger gets them all`;
  return [
    `${chip.name}: the silicon ${compared}.`,
    `${chip.name}: it reports ${timing.data} the store${where}; ${chip.goingOn}.`,
  ];
}

/** The table of what differs, and why. */
export function compare(seen: readonly Seen[]): string[] {
  const cells = (of: (one: Seen) => string | number): (string | number)[] => seen.map(of);
  return [
    row(
      '',
      cells(({ chip }) => chip.name),
    ),
    row(
      'stops of a debugger',
      cells(({ stops }) => stops.length),
    ),
    ...VARIABLES.map(([name]) =>
      row(
        `  for ${name}`,
        cells((one) => stopsFor(one, name)),
      ),
    ),
    row(
      'hits of a kernel breakpoint',
      cells(({ hits }) => hits),
    ),
    '',
    'Why they differ',
    ...seen.flatMap(reasons).map((line) => `- ${line}`),
  ];
}

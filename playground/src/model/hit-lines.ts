import { HW_BREAKPOINT_X, type Kernel, REGISTERS, symbolize, typeLetters } from '@hwbp/core';
import { ownerTitle } from './owners.js';
import type { Scenario } from './scenario.js';
import { type SeenValue, SeenValues } from './seen-values.js';
import type { TraceNote } from './trace-note.js';

/** Of which kernel, and what it is told as. */
export interface HitSource {
  readonly kernel: Kernel;
  readonly space: Scenario['space'];
  /** Names of its registers. */
  readonly registers: readonly string[];
  /** In front of what is told, such as `guest: `. */
  readonly prefix: string;
  /** The number of an instruction of this kernel's as the host counts. */
  count(number: number): number;
}

/** A line of the trace for every hit of a kernel, with what the access has changed. `told`: gets each. */
export function tellHits(
  { kernel, space, registers, prefix, count }: HitSource,
  told: (note: TraceNote) => void,
): void {
  const seen = new SeenValues(kernel, space);
  const { hooks } = kernel.get(REGISTERS);
  hooks.installed.add((one) => seen.installed(one));
  hooks.uninstalled.add((one) => seen.uninstalled(one));
  hooks.hit.add((one, hit) => {
    const { pc } = hit;
    const { register, owner, attr } = one;
    const value = seen.hit(one, hit.task);
    const early = hit.record.exception?.timing === 'before';
    told({
      count: count(hit.count),
      kind: 'hit',
      cpu: hit.cpu.index,
      task: hit.task === undefined ? undefined : String(hit.task),
      // Most of them are never read.
      text: () => {
        const { bp_type, bp_addr, bp_len } = attr;
        const what = `${ownerTitle(owner)} ${typeLetters(bp_type)} ${symbolize(kernel.symbols, bp_addr)}/${bp_len}`;
        const by = `by the instruction at ${symbolize(kernel.symbols, pc)}`;
        const said = bp_type === HW_BREAKPOINT_X ? executed(early) : early ? before(value) : after(value);
        return `${prefix}hit of ${registers[register] ?? register}: ${what}${said}, ${by}`;
      },
    });
  });
}

function executed(early: boolean): string {
  return early ? ', told before it executes' : '';
}

function before({ now }: SeenValue): string {
  return `, told before the access${now === undefined ? '' : `: still ${now}`}`;
}

function after({ before: old, now }: SeenValue): string {
  if (now === undefined) return '';
  if (old === undefined) return `, now ${now}`;
  return old === now ? `, still ${now}` : `, ${old} -> ${now}`;
}

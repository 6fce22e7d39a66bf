import {
  type Hit,
  HW_BREAKPOINT_X,
  type Kernel,
  REGISTERS,
  type Registration,
  symbolize,
  typeLetters,
} from '@hwbp/core';
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
    const value = hit.record.exception?.timing === 'before' ? before(seen, one, hit) : after(seen.hit(one, hit.task));
    const what = whatOf(one, kernel);
    const register = registers[one.register] ?? String(one.register);
    told({
      count: count(hit.count),
      kind: 'hit',
      cpu: hit.cpu.index,
      task: hit.task === undefined ? undefined : String(hit.task),
      // Most of them are never read.
      text: () =>
        `${prefix}hit of ${register}: ${what}${value(one)}, by the instruction at ${symbolize(kernel.symbols, pc)}`,
    });
  });
}

type SayValue = (registration: Pick<Registration, 'attr'>) => string;

function before(seen: SeenValues, one: Registration, hit: Hit): SayValue {
  const { now } = seen.hit(one, hit.task);
  return ({ attr }) => {
    if (attr.bp_type === HW_BREAKPOINT_X) return ', told before it executes';
    return `, told before the access${now === undefined ? '' : `: still ${now}`}`;
  };
}

function after({ before: old, now }: SeenValue): SayValue {
  return ({ attr }) => {
    if (attr.bp_type === HW_BREAKPOINT_X || now === undefined) return '';
    if (old === undefined) return `, now ${now}`;
    return old === now ? `, still ${now}` : `, ${old} -> ${now}`;
  };
}

function whatOf({ owner, attr: { bp_type, bp_addr, bp_len } }: Registration, { symbols }: Kernel): string {
  return `${ownerTitle(owner)} ${typeLetters(bp_type)} ${symbolize(symbols, bp_addr)}/${bp_len}`;
}

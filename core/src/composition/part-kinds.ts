import { kind, objectWith, requireKind } from '../errors/index.js';
import type { Token } from '../facets/index.js';
import type { Logger, SchedulingClass, SymbolTable } from '../kernel/index.js';
import type { SlotPolicy } from '../registers/index.js';
import type { BreakpointScheduler } from '../scheduling/index.js';
import { notAPlugin } from './composition-error.js';

/* What the parts are that a composition may bring: their tokens are made with these. */

const table = objectWith('', ...(['lookup', 'resolve'] satisfies (keyof SymbolTable)[]));

export const LOGGER_KIND = objectWith('an object with log(level, message)', ...(['log'] satisfies (keyof Logger)[]));
export const SYMBOLS_KIND = kind(
  'a symbol table: an object with lookup(name), resolve(address) and the list symbols',
  (value) => table.is(value) && Array.isArray((value as Partial<SymbolTable>).symbols),
);
export const SLOT_POLICY_KIND = objectWith(
  'a slot policy: an object with reserve, change, release and place',
  ...(['reserve', 'change', 'release', 'place'] satisfies (keyof SlotPolicy)[]),
);
const schedulingClass = objectWith(
  '',
  ...(['place', 'enqueue', 'dequeue', 'pick', 'halt', 'preempts', 'tick', 'exit'] satisfies (keyof SchedulingClass)[]),
);
export const SCHEDULING_CLASS_KIND = kind(
  'a scheduling class: an object with place, enqueue, dequeue, pick, halt, preempts, tick and exit, and a function for exchange if it has that',
  (value) => {
    const { exchange } = (value ?? {}) as Partial<SchedulingClass>;
    return schedulingClass.is(value) && (exchange === undefined || typeof exchange === 'function');
  },
);
export const SCHEDULER_KIND = objectWith(
  'a breakpoint scheduler: an object with open, activate, close, enable, disable, modify, aside and [Symbol.dispose]',
  ...(['open', 'activate', 'close', 'enable', 'disable', 'modify', 'aside'] satisfies (keyof BreakpointScheduler)[]),
);

/** What a plugin provides under a token. Throws a TypeError for what the token does not stand for. */
export function checkPart({ kind, name }: Token<unknown>, part: unknown, by: string): void {
  if (kind !== undefined) requireKind(`the ${name} that the plugin '${by}' provides`, part, kind, notAPlugin);
}

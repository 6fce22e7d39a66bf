import { requireKind, TEXT } from '../../errors/index.js';
import { Assembly, type AssemblyOptions } from './assembly.js';
import { parse } from './parse.js';

/**
 * Assembles a text: routines of simple instructions and their data, of which `assembly.program('entry')` makes
 * programs. Throws an `AssemblyError` that says what was expected in which line and column.
 *
 * ```ts
 * const counting = assemble(`
 * counter: .u64 0
 * count:   mov  r0, 10
 * .next:   load r1, [counter]
 *          add  r1, r1, 1
 *          store [counter], r1
 *          sub  r0, r0, 1
 *          bne  r0, 0, .next
 *          ret
 * `);
 * kernel.machine.spawn(counting.program('count'));
 * ```
 */
export function assemble(text: string, options: AssemblyOptions = {}): Assembly {
  requireKind('the text of an assembly', text, TEXT);
  return new Assembly(parse(options.name ?? 'program.s', text), text, options);
}

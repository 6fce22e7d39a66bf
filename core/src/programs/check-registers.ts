import { type Cpu, hex, type MachineInstruction } from '../hardware/index.js';
import { InstructionError } from './instruction-error.js';

/** Names in a message: all of few, the first of many. */
const MOST_NAMED = 12;

/**
 * Throws an {@link InstructionError} for a register that the CPU does not have, among those that an instruction writes
 * and those that what it loads goes to. Nothing is known of an architecture that does not name its registers.
 */
export function checkRegisters(one: MachineInstruction, { roles: { names } }: Cpu): void {
  if (names === undefined) return;
  const known = setOf(names);
  const { registers, accesses } = one;
  if (registers !== undefined)
    for (const name in registers) if (!known.has(name)) throw unknown(one, 'registers', name, names);
  if (accesses === undefined) return;
  for (let i = 0; i < accesses.length; i++) {
    const into = accesses[i]?.into;
    if (into !== undefined && !known.has(into)) throw unknown(one, `accesses[${i}].into`, into, names);
  }
}

/** The names of an architecture, for looking up. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(names: readonly string[]): ReadonlySet<string> {
  const found = sets.get(names) ?? new Set(names);
  sets.set(names, found);
  return found;
}

function unknown({ pc }: MachineInstruction, field: string, name: string, names: readonly string[]): InstructionError {
  const shown = names.slice(0, MOST_NAMED).join(', ') + (names.length > MOST_NAMED ? `, ... (${names.length})` : '');
  return new InstructionError(
    `an instruction at ${hex(pc)}: ${field}: there is no register '${name}'; there are ${shown}`,
  );
}

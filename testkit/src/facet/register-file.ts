import { equal } from '../assert/index.js';
import type { WritableBits } from './facet-subject.js';

/** Named registers that can be read and written: a task's, or a CPU's. */
export interface RegisterAccess {
  readonly names: readonly string[];
  bits(name: string): number;
  read(name: string): bigint;
  write(name: string, value: bigint): void;
}

/** A value of its own for every register: neighbours differ in every byte. */
function patternOf(index: number, bits: number): bigint {
  let value = 0n;
  for (let byte = 0; byte < bits / 8; byte++) value |= BigInt((index * 7 + byte * 29 + 1) & 0xff) << BigInt(8 * byte);
  return value;
}

/** Every register keeps what is written to it, of the bits that can be; and nothing else. */
export function checkRegisters(registers: RegisterAccess, writable: WritableBits = {}): void {
  const { names } = registers;
  const all = (): readonly (readonly [string, bigint])[] => names.map((name) => [name, registers.read(name)]);
  for (const [index, name] of names.entries()) {
    const bits = registers.bits(name);
    const whole = (1n << BigInt(bits)) - 1n;
    const mask = writable[name] ?? whole;
    const fixed = registers.read(name) & ~mask & whole;
    for (const value of [whole, 0n, patternOf(index, bits), whole ^ patternOf(index, bits)]) {
      const before = all();
      registers.write(name, value);
      const what = `${name} (${bits} bits), written as 0x${value.toString(16)}`;
      equal(registers.read(name), (value & mask) | fixed, what);
      const changed = all().filter(([other, now], i) => other !== name && now !== before[i]?.[1]);
      equal(
        changed.map(([other]) => other),
        [],
        `registers that changed when ${name} was written`,
      );
    }
    registers.write(name, (whole << 8n) | patternOf(index, bits));
    const cut = ((whole << 8n) | patternOf(index, bits)) & whole;
    equal(registers.read(name), (cut & mask) | fixed, `${name} (${bits} bits), written with a value of more bits`);
  }
  // All of them at once, as a debugger puts back what it has read.
  for (const [index, name] of names.entries()) registers.write(name, patternOf(index, registers.bits(name)));
  const written = all();
  for (const [name, value] of written) registers.write(name, value);
  equal(all(), written, 'all registers, written back as they were read');
}

import type { GuestCpu } from '../guest/guest-cpu.js';

/** Registers by the number that opcodes have of them. */
export const REGISTERS: readonly string[] = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  ...Array.from({ length: 8 }, (_, i) => `r${8 + i}`),
];

/** A register, or part of one; something in memory; or a constant. */
export type Operand =
  | { readonly kind: 'register'; readonly name: string; readonly size: number; readonly high: boolean }
  | { readonly kind: 'memory'; readonly address: (cpu: GuestCpu) => bigint; readonly size: number }
  | { readonly kind: 'constant'; readonly value: bigint; readonly size: number };

export type Memory = Extract<Operand, { kind: 'memory' }>;

/** A register by its number. Without a REX prefix the byte registers 4 to 7 are the second bytes of 0 to 3. */
export function registerOperand(number: number, size: number, rex: boolean): Operand {
  const high = size === 1 && !rex && number >= 4 && number < 8;
  return { kind: 'register', name: REGISTERS[high ? number - 4 : number] ?? 'rax', size, high };
}

export const constant = (value: bigint, size: number): Operand => ({ kind: 'constant', value, size });

/** The value of an operand; of memory what was loaded, or is about to be. */
export function operandValue(operand: Operand, cpu: GuestCpu, loaded?: bigint): bigint {
  switch (operand.kind) {
    case 'constant':
      return BigInt.asUintN(8 * operand.size, operand.value);
    case 'memory':
      return loaded ?? cpu.peek(operand.address(cpu), operand.size);
    case 'register': {
      const whole = cpu.get(operand.name);
      return BigInt.asUintN(8 * operand.size, operand.high ? whole >> 8n : whole);
    }
  }
}

/** Writes a register; memory is written by the access itself. */
export function assign(operand: Operand, cpu: GuestCpu, value: bigint): void {
  if (operand.kind !== 'register') return;
  const { name, size, high } = operand;
  if (high) cpu.set(name, (cpu.get(name) & ~0xff00n) | ((value & 0xffn) << 8n));
  else cpu.setLow(name, value, size);
}

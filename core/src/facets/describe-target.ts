import type { Context } from '../hardware/index.js';
import type { TargetDescription } from './target-description.js';
import { type TargetLayoutFields, type TargetRegister, targetLayout } from './target-layout.js';

/** How a register is accessed that is no plain general register of the machine. */
export interface RegisterAccess {
  read(context: Context): bigint;
  write(context: Context, value: bigint): void;
}

/** What a debugger's name of a register is to the machine. */
export interface TargetNames {
  /** Registers with an access of their own, by the debugger's names; the program counter needs none. */
  readonly special?: Readonly<Record<string, RegisterAccess>>;
  /** The machine's names of registers that the debugger calls otherwise. */
  readonly kept?: Readonly<Record<string, string>>;
}

/**
 * A target description of a list of registers, which are the machine's general registers of the same names. One of
 * more than 64 bits keeps the upper ones under its name with `_high` behind. A debugger that moves the program counter
 * calls off what its instruction still had to complete.
 */
export function describeTarget(fields: TargetLayoutFields, names: TargetNames = {}): TargetDescription {
  const layout = targetLayout(fields);
  const { special = {}, kept = {} } = names;
  const accesses = layout.registers.map(
    (register) => special[register.name] ?? (register.name === fields.counter ? COUNTER : generalOf(register, kept)),
  );
  return {
    ...layout,
    read: (context, register) => (accesses[register] ?? ABSENT).read(context),
    write(context, register, value) {
      (accesses[register] ?? ABSENT).write(context, value);
    },
  };
}

const COUNTER: RegisterAccess = {
  read: ({ pc }) => pc,
  write(context, value) {
    if (context.pc === value) return;
    context.pc = value;
    // The instruction that was to be completed is not the next one any more.
    context.completion = undefined;
  },
};

const ABSENT: RegisterAccess = {
  read: () => 0n,
  write() {},
};

function generalOf({ name, bits }: TargetRegister, kept: Readonly<Record<string, string>>): RegisterAccess {
  const low = kept[name] ?? name;
  const high = `${low}_high`;
  if (bits <= 64) {
    return {
      read: (context) => BigInt.asUintN(bits, context.get(low)),
      write: (context, value) => context.set(low, BigInt.asUintN(bits, value)),
    };
  }
  return {
    read: (context) => (context.get(high) << 64n) | context.get(low),
    write(context, value) {
      context.set(low, value);
      context.set(high, BigInt.asUintN(bits, value) >> 64n);
    },
  };
}

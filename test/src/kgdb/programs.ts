import {
  type Access,
  type Instruction,
  type Kernel,
  type Loaded,
  type ProgramFactory,
  program,
  type Task,
} from '@hwbp/core';

/** Text and data of the n-th worker. */
export const text = (n = 0): bigint => 0x40_1000n + 0x1000n * BigInt(n);
export const data = (n = 0): bigint => 0x60_1000n + 0x1000n * BigInt(n);

export const store = (address: bigint, value?: bigint, size = 4): Access =>
  value === undefined ? { kind: 'write', address, size } : { kind: 'write', address, size, value };
export const load = (address: bigint, size = 4): Access => ({ kind: 'read', address, size });

/** Counts in memory: at +0 it writes a register, at +4 it loads, at +8 it stores, at +12 it jumps back. */
export function* counter(
  n = 0,
  rounds = Number.POSITIVE_INFINITY,
  register = 'rax',
): Generator<Instruction, void, Loaded> {
  const base = text(n);
  for (let round = 0; round < rounds; round++) {
    yield { pc: base, length: 4, registers: { [register]: BigInt(round) } };
    const [value = 0n] = yield { pc: base + 4n, length: 4, accesses: [load(data(n))] };
    yield { pc: base + 8n, length: 4, accesses: [store(data(n), value + 1n)] };
    yield { pc: base + 12n, length: 4, next: base };
  }
}

/** Worker n on CPU n, for ever if nothing else is said. */
export function spawnCounters(kernel: Kernel, count: number, rounds?: number): Task[] {
  const { result } = kernel.breakpoints.manifest.roles;
  return Array.from({ length: count }, (_, n) =>
    kernel.machine.spawn(
      program(() => counter(n, rounds, result)),
      { comm: `worker${n}`, affinity: [n % kernel.machine.cpus.length] },
    ),
  );
}

/** Instructions of 4 bytes one behind the other, as often as said. */
export function lines(parts: readonly Partial<Instruction>[], rounds = 1): ProgramFactory {
  return program(function* () {
    for (let round = 0; round < rounds; round++) {
      for (const [i, part] of parts.entries()) yield { pc: text() + BigInt(4 * i), length: 4, ...part };
    }
  });
}

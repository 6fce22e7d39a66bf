import { parseArgs } from 'node:util';
import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import { type Architecture, type Plugin, roundRobin } from '@hwbp/core';
import { earliestDeadline, fair, fixedPriority, randomSchedule } from '@hwbp/schedulers';
import { type CallNumbers, NUMBERS } from '@hwbp/syscalls';

/** Who may run next, by the name on the command line. */
export const SCHEDULERS: Readonly<Record<string, () => Plugin>> = {
  'round-robin': roundRobin,
  priority: fixedPriority,
  fair,
  edf: earliestDeadline,
  random: randomSchedule,
};

/** Architectures, and the numbers that their Linux has for the usual system calls. */
export const ARCHITECTURES: Readonly<Record<string, readonly [() => Architecture, CallNumbers]>> = {
  x86: [x86, NUMBERS.x86_64],
  ppc64: [() => ppc64({ cpu: 'power10' }), NUMBERS.ppc64],
  arm64: [arm64, NUMBERS.arm64],
  riscv64: [riscv64, NUMBERS.riscv64],
};

/**
 * How the counter is guarded. `irqsave`: a spinlock, taken with interrupts off. `plain`: a spinlock alone, which is
 * wrong. `none`: not at all.
 */
const LOCKS = ['irqsave', 'plain', 'none'] as const;

/** What can be said on the command line. */
export interface Options {
  readonly arch: string;
  readonly scheduler: string;
  readonly lock: (typeof LOCKS)[number];
  readonly cpus: number;
  readonly quantum: number;
  readonly seed: number;
  /** Microseconds between two interrupts of the timer. */
  readonly timer: number;
  /** What is typed, line by line. */
  readonly type: readonly string[];
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new TypeError(`--${flag} is one of ${known.join(', ')}, got '${value}'`);
  return found;
}

function whole(flag: string, value: string, least: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least) return number;
  throw new TypeError(`--${flag} is a whole number from ${least}, got '${value}'`);
}

/** Reads a command line. Throws a TypeError for what is none. */
export function parseOptions(args: readonly string[] = []): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      arch: { type: 'string', default: 'x86' },
      scheduler: { type: 'string', default: 'round-robin' },
      lock: { type: 'string', default: 'irqsave' },
      cpus: { type: 'string', default: '2' },
      quantum: { type: 'string', default: '100' },
      seed: { type: 'string', default: '0' },
      timer: { type: 'string', default: '50' },
      type: { type: 'string', default: 'hello;visit visit' },
    },
  });
  return {
    arch: oneOf('arch', values.arch, Object.keys(ARCHITECTURES)),
    scheduler: oneOf('scheduler', values.scheduler, Object.keys(SCHEDULERS)),
    lock: oneOf('lock', values.lock, LOCKS),
    cpus: whole('cpus', values.cpus, 1),
    quantum: whole('quantum', values.quantum, 1),
    seed: whole('seed', values.seed, 0),
    timer: whole('timer', values.timer, 1),
    type: values.type.split(';').map((line) => line.trim()),
  };
}

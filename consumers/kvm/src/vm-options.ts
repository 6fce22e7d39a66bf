import { checkOptions, FLAG, FUNCTION, type Kind, kind } from '@hwbp/core';
import type { VcpuExit } from './exit.js';
import type { GuestMemoryOptions, MemoryHole } from './guest-memory.js';
import type { Vcpu } from './vcpu.js';

/** Most CPUs that a virtual machine has. */
const MOST_VCPUS = 256;

/** What a virtual machine is made of. */
export interface VmOptions {
  /** Unique among the virtual machines of its host. Default: `vm0`, `vm1`, ... */
  readonly name?: string;
  /** Virtual CPUs, 1 to 256. Default 1. */
  readonly cpus?: number;
  readonly memory?: GuestMemoryOptions;
  /** The host's CPUs that run it: those of each virtual CPU, or of all. Default: any. */
  readonly affinity?: readonly number[];
  /**
   * A task of the host for each virtual CPU, which runs it from now on. Default true; false: whoever has the machine
   * executes `vcpu.run()` in tasks of its own.
   */
  readonly start?: boolean;
  /**
   * Answers exits that reach the task of a virtual CPU: what a load gets. Without it, ports and addresses without a
   * device read as all ones.
   */
  readonly exit?: (exit: VcpuExit, vcpu: Vcpu) => bigint | undefined;
  /** What instruction stands at an address of the guest's: `breakpoint` for INT3. Default: nobody knows. */
  readonly decode?: (pc: bigint) => 'breakpoint' | undefined;
}

const NAME = kind("a name, such as 'guest'", (value) => typeof value === 'string' && value !== '');
const isWhole = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;
const COUNT = kind(
  `a whole number from 1 to ${MOST_VCPUS}`,
  (value) => isWhole(value, 1) && (value as number) <= MOST_VCPUS,
);
const LIST = kind(
  'a list of CPU numbers, such as [0]',
  (value) => Array.isArray(value) && value.every(Number.isInteger),
);
const MEMORY = kind('an object: { frames, holes }', (value) => typeof value === 'object' && value !== null);
const isHole = ({ first, count }: Partial<MemoryHole>): boolean => isWhole(first, 0) && isWhole(count, 1);
const MEMORY_FIELDS: Readonly<Record<keyof GuestMemoryOptions, Kind>> = {
  frames: kind('a whole number from 1', (value) => isWhole(value, 1)),
  holes: kind(
    'a list of { first, count }, of whole numbers from 0 and 1',
    (value) => Array.isArray(value) && value.every((hole) => isHole(hole ?? {})),
  ),
};
const FIELDS: Readonly<Record<keyof VmOptions, Kind>> = {
  name: NAME,
  cpus: COUNT,
  memory: MEMORY,
  affinity: LIST,
  start: FLAG,
  exit: FUNCTION,
  decode: FUNCTION,
};

/** Throws a TypeError that names the option for anything that is none, or of a wrong type. */
export function checkVmOptions(options: VmOptions): void {
  checkOptions('createVm', options, FIELDS);
  checkOptions('memory', options.memory ?? {}, MEMORY_FIELDS);
}

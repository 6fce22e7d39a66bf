import { FLAG, type Kind, kind, oneOf, TEXT, wholeNumber } from '../errors/index.js';
import { SCHEDULING_PARAMETERS } from './scheduling/check-parameters.js';

/** The mode that a program begins in. */
export const MODE: Kind = oneOf('user', 'kernel');

function isCpuList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** A list of CPU numbers; what is in it is checked where it is read. */
const CPU_LIST = kind('a list of CPU numbers, such as [0, 1]', isCpuList);
const PID = wholeNumber(1);

/** What `spawn`, `fork` and `exec` take. */
export const SPAWN_OPTIONS: Readonly<Record<string, Kind>> = Object.freeze({
  comm: TEXT,
  pid: PID,
  affinity: CPU_LIST,
  mode: MODE,
  privileged: FLAG,
  uid: wholeNumber(0, 0xffff_ffff),
  compat: FLAG,
  demandZero: FLAG,
  run: FLAG,
  scheduling: SCHEDULING_PARAMETERS,
});
export const FORK_OPTIONS: Readonly<Record<string, Kind>> = Object.freeze({
  thread: FLAG,
  pid: PID,
  run: FLAG,
  scheduling: SCHEDULING_PARAMETERS,
});
export const EXEC_OPTIONS: Readonly<Record<string, Kind>> = Object.freeze({
  comm: TEXT,
  compat: FLAG,
  demandZero: FLAG,
});

/** The CPUs of an affinity. Throws a TypeError for anything but a list of whole numbers. */
export function cpusOf(affinity: unknown): ReadonlySet<number> {
  const cpus = isCpuList(affinity) ? new Set(affinity) : undefined;
  if (cpus !== undefined && [...cpus].every(Number.isInteger)) return cpus as ReadonlySet<number>;
  const got = cpus === undefined ? String(affinity) : [...cpus].map(String).join(', ');
  throw new TypeError(`affinity is ${CPU_LIST.what}, got ${typeof affinity} ${got}`);
}

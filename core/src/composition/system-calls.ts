import { checkOptions, shown, TEXT } from '../errors/index.js';
import { SYSTEM_CALL_ABI } from '../facets/index.js';
import type { CallResult, Machine, NumberedCall, NumberedHandler, SystemCalls } from '../kernel/index.js';
import { invalidOption } from './composition-error.js';
import type { Consumer, Plugin } from './plugin.js';
import type { Services } from './services.js';
import { MACHINE, SERVICES, SYSTEM_CALLS } from './tokens.js';

/** The highest number of a call: that of 32 bits with a sign, as -1 stands for none. */
const LAST_NUMBER = 0x7fff_ffff;

/** A system call as its handler finds it: what was asked, by whom, and the kernel that it is asked of. */
export interface SystemCall extends NumberedCall, Services {
  readonly machine: Machine;
}

/**
 * What a system call does. It returns the result: a bigint or number, of which -4095 to -1 are errnos, or nothing, for
 * 0; a generator's instructions in kernel mode, which return the result, and may yield waits in between; a program's
 * factory; or something to wait for. It throws a `KernelError` to refuse, and a {@link SystemCallRestart} where a
 * signal has ended a wait. Anything else that it throws goes to the kernel's error channel, and the result is EIO.
 */
export type SystemCallHandler = (call: SystemCall) => CallResult;

/** How a table is composed. */
export interface SystemCallsOptions {
  /** Unique in a kernel. Default: `system calls` and their numbers. */
  readonly name?: string;
}

/** The handlers by number. Throws a TypeError that names what is wrong. */
function checkTable(table: Readonly<Record<number, SystemCallHandler>>): ReadonlyMap<number, SystemCallHandler> {
  const write = 'syscalls takes handlers by number, such as { 39: getpid }';
  if (typeof table !== 'object' || table === null) throw invalidOption(`${write}, got ${shown(table)}`);
  const calls = new Map<number, SystemCallHandler>();
  for (const [key, handler] of Object.entries(table)) {
    const number = Number(key);
    if (!/^\d+$/.test(key) || number > LAST_NUMBER) {
      throw invalidOption(`${write}: the number of a call is 0 to ${LAST_NUMBER}, got '${key}'`);
    }
    if (typeof handler !== 'function') {
      throw invalidOption(`the handler of system call ${number} is a function, got ${shown(handler)}`);
    }
    calls.set(number, handler);
  }
  return calls;
}

/** A handler that finds the kernel in its call; it keeps its name. */
function within(handler: SystemCallHandler, machine: Machine, { get, find }: Services): NumberedHandler {
  const numbered: NumberedHandler = ({ number, args, task, cpu }) =>
    handler({ number, args, task, cpu, machine, get, find });
  return Object.defineProperty(numbered, 'name', { value: handler.name });
}

/**
 * System calls by number, for an instruction's `syscall: true`: `syscalls({ 1: write, 39: getpid })`. Several may be
 * composed; two with one number are refused. A number that nobody has is ENOSYS.
 */
export function syscalls(table: Readonly<Record<number, SystemCallHandler>>, options: SystemCallsOptions = {}): Plugin {
  const calls = checkTable(table);
  checkOptions('syscalls', options, { name: TEXT }, invalidOption);
  const numbers = [...calls.keys()];
  const { name = `system calls ${numbers.join(', ')}` } = options;

  class Table implements Consumer {
    static readonly plugin = { name };
    static readonly inject = [SYSTEM_CALLS, MACHINE, SERVICES];
    readonly #all: SystemCalls;
    readonly #machine: Machine;
    readonly #services: Services;
    #remove: (() => void) | undefined;

    constructor(all: SystemCalls, machine: Machine, services: Services) {
      this.#all = all;
      this.#machine = machine;
      this.#services = services;
    }

    start(): void {
      const handlers = [...calls].map(([number, handler]): [number, NumberedHandler] => [
        number,
        within(handler, this.#machine, this.#services),
      ]);
      this.#remove ??= this.#all.add({ name, calls: new Map(handlers) });
    }

    stop(): void {
      this.#remove?.();
      this.#remove = undefined;
    }
  }

  return Object.freeze({
    name,
    needs: [SYSTEM_CALL_ABI],
    exclusive: numbers.map((number) => `system call ${number}`),
    options: { numbers },
    consumer: Table,
  });
}

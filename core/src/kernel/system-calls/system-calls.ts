import { coreError } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import type { Frame, FrameKind } from '../frame.js';
import type { KernelTask } from '../task.js';
import type { SystemCallAbi } from './abi.js';
import { Again, CallFrame } from './call-frame.js';
import { type CallLookup, CallProgram } from './call-program.js';
import type { CallResult, CallTable, NumberedHandler } from './system-call.js';

/** What numbered calls need of the kernel around them. */
export interface SystemCallHost {
  /** How the architecture uses registers; `undefined`: nobody says. */
  abi(): SystemCallAbi | undefined;
  /** The handler of a call, which `what` names, threw something that is no refusal. */
  failed(error: unknown, what: string): void;
}

/** The host of a machine that was made without a composition. */
export const NO_SYSTEM_CALL_HOST: SystemCallHost = Object.freeze({
  abi: () => undefined,
  failed: (error: unknown) => {
    throw error;
  },
});

interface Entry {
  readonly table: CallTable;
  readonly handler: NumberedHandler;
}

/** The system calls of a kernel, by number: what an instruction's `syscall: true` asks for. */
export class SystemCalls {
  readonly #host: SystemCallHost;
  #abi: SystemCallAbi | undefined;
  readonly #calls = new Map<number, Entry>();

  constructor(host: SystemCallHost) {
    this.#host = host;
  }

  /** The numbers that there are calls of, in order. */
  get numbers(): readonly number[] {
    return [...this.#calls.keys()].sort((a, b) => a - b);
  }

  /**
   * Adds a table; returns the function that takes it away. Throws a TypeError, and adds nothing, where another one has
   * a call of one of its numbers.
   */
  add(table: CallTable): () => void {
    for (const number of table.calls.keys()) {
      const other = this.#calls.get(number);
      if (other === undefined) continue;
      throw new TypeError(
        `'${other.table.name}' and '${table.name}' both have system call ${number}: leave it out of one of them`,
      );
    }
    for (const [number, handler] of table.calls) this.#calls.set(number, { table, handler });
    return () => {
      for (const number of table.calls.keys()) {
        if (this.#calls.get(number)?.table === table) this.#calls.delete(number);
      }
    };
  }

  /**
   * What a task executes that makes such a call; `undefined`: `call` is none, but a program's factory. `plain`: how any
   * system call ends. Throws a TypeError where nobody says how calls are numbered.
   */
  enter(cpu: Cpu, task: KernelTask, call: unknown, plain: FrameKind): Pick<Frame, 'program' | 'kind'> | undefined {
    if (call !== true && !(call instanceof Again)) return undefined;
    // Asked once it is needed: the architecture's parts are made behind the machine.
    this.#abi ??= this.#host.abi();
    const abi = this.#abi;
    if (abi === undefined) {
      throw new TypeError(
        "an instruction's syscall is true, and nothing here says which register has the number of the call; compose an architecture that offers SYSTEM_CALL_ABI, or let syscall be program(...)",
      );
    }
    abi.begin(task.context);
    const lookup: CallLookup = {
      abi,
      call: (number, on) => this.#call(abi, number, on, task),
      failed: (number, error) => this.#host.failed(error, this.#nameOf(number)),
    };
    const program = new CallProgram(task, lookup, call === true ? undefined : call.again);
    return { program, kind: new CallFrame(plain, abi, program, cpu.pc) };
  }

  #call(abi: SystemCallAbi, number: number, cpu: Cpu, task: KernelTask): CallResult {
    const entry = this.#calls.get(number);
    if (entry === undefined) throw coreError('NO_SUCH_SYSTEM_CALL', `there is no system call ${number}`, { number });
    return entry.handler({ number, args: Object.freeze(abi.args(task.context)), task, cpu });
  }

  #nameOf(number: number): string {
    const entry = this.#calls.get(number);
    if (entry === undefined) return `system call ${number}`;
    const { name } = entry.handler;
    return `system call ${number}${name === '' ? '' : ` (${name})`} of '${entry.table.name}'`;
  }
}

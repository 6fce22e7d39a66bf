import { coreError } from '../../errors/index.js';
import type { Cpu, Hardware } from '../../hardware/index.js';
import type { Waiting } from '../../programs/index.js';
import type { ErrorChannel } from '../error-channel.js';
import { type WaitHost, WaitQueue } from '../waits/index.js';
import type { CallOptions } from './handler-code.js';
import { IPI_LINE } from './irq-lines.js';

/** A call of other CPUs that is under way. */
export class IpiCall {
  readonly name: string;
  readonly #left: Set<number>;
  readonly #done: (() => void) | undefined;
  readonly #caller: WaitQueue;

  /** `cpus`: those that have yet to do it. `done`: called once all have. */
  constructor(name: string, cpus: Iterable<number>, waits: WaitHost, done?: () => void) {
    this.name = name;
    this.#left = new Set(cpus);
    this.#done = done;
    this.#caller = new WaitQueue(waits, `the call ${name}`);
  }

  /** CPUs that have not done it yet. */
  get left(): readonly number[] {
    return [...this.#left];
  }

  /** True once every CPU has done it. */
  get isDone(): boolean {
    return this.#left.size === 0;
  }

  /** For an instruction's `wait`: until every CPU has done it. */
  wait(): Waiting {
    return this.#caller.wait({ until: () => this.isDone, interruptible: false });
  }

  /** A CPU has done it, or is gone. */
  finish(cpu: number): void {
    if (!this.#left.delete(cpu) || this.#left.size > 0) return;
    this.#caller.wakeAll();
    this.#done?.();
  }
}

/** What calls need of the machine. */
export interface CallsParts {
  readonly hardware: Hardware;
  readonly errors: ErrorChannel;
  readonly waits: WaitHost;
}

/** A call that a CPU is to do, and how it was asked for. */
interface Asked {
  readonly call: IpiCall;
  readonly options: CallOptions;
}

/** By CPU, the calls that it has yet to do. */
export class Calls {
  readonly #parts: CallsParts;
  readonly #waiting: readonly Asked[][];

  constructor(parts: CallsParts) {
    this.#parts = parts;
    this.#waiting = parts.hardware.cpus.map(() => []);
  }

  /** Asks all of them, or none. Throws ENODEV for one that is offline, EINVAL for one that there is not. */
  ask(cpus: Iterable<number>, options: CallOptions): IpiCall {
    const { hardware, errors, waits } = this.#parts;
    const { name, done } = options;
    const targets = [...new Set(cpus)].map((index) => hardware.cpu(index));
    const offline = targets.find(({ online }) => !online);
    if (offline !== undefined) {
      const message = `CPU ${offline.index} is offline, and cannot do ${name}; call those of machine.onlineCpus`;
      throw coreError('HWBP_CPU_OFFLINE', message, { cpu: offline.index });
    }
    const indexes = targets.map(({ index }) => index);
    const told = done && ((): void => void errors.guard(`what the call ${name} does in the end`, done));
    const call = new IpiCall(name, indexes, waits, told);
    for (const { index, interrupts } of targets) {
      this.#waiting[index]?.push({ call, options });
      interrupts.raise(IPI_LINE);
    }
    if (targets.length === 0) told?.();
    return call;
  }

  /** The next one that a CPU is to do. */
  take({ index }: Cpu): Asked | undefined {
    return this.#waiting[index]?.shift();
  }

  /** True while a CPU has others to do. */
  waits({ index }: Cpu): boolean {
    return (this.#waiting[index]?.length ?? 0) > 0;
  }

  /** A CPU goes: whoever has called it does not wait for it. */
  gone({ index }: Cpu): void {
    for (const { call } of this.#waiting[index]?.splice(0) ?? []) call.finish(index);
  }

  /** The lowest CPU that has something to do; `undefined`: none. */
  get first(): number | undefined {
    const first = this.#waiting.findIndex(({ length }) => length > 0);
    return first < 0 ? undefined : first;
  }
}

import type { ProcessesPort, ThreadsPort } from './target-port.js';

/** The process that a target begins with, and the only one of most: the target as a whole. */
export const FIRST_PROCESS = 1;
const ID = /^(?:p(-1|[0-9a-f]{1,8})(?:\.|$))?(-1|[0-9a-f]{1,8})?$/i;
const PROCESS = /^;([0-9a-f]{1,8})$/i;

function numberOf(digits: string | undefined): number {
  return digits === undefined || digits === '-1' ? -1 : Number.parseInt(digits, 16);
}

/** A thread-id of the protocol: a thread of a process, where it names one. 0: any; -1: all. */
export interface ThreadId {
  readonly thread: number;
  /** `undefined`: any, or all. */
  readonly process: number | undefined;
}

/** The threads and processes of a target, as a debugger names them. */
export class ThreadNames {
  readonly #threads: Pick<ThreadsPort, 'exists' | 'list'>;
  readonly #processes: Pick<ProcessesPort, 'of' | 'list'> | undefined;
  readonly #features: ReadonlySet<string>;

  /** `features`: what the debugger said that it understands. */
  constructor(
    threads: Pick<ThreadsPort, 'exists' | 'list'>,
    processes: Pick<ProcessesPort, 'of' | 'list'> | undefined,
    features: ReadonlySet<string>,
  ) {
    this.#threads = threads;
    this.#processes = processes;
    this.#features = features;
  }

  /** The processes that the debugger has. */
  get processes(): readonly number[] {
    return this.#processes?.list() ?? [FIRST_PROCESS];
  }

  /** The process of a thread; the first one of a thread that there is not. */
  processOf(thread: number): number {
    if (this.#processes === undefined || !this.#threads.exists(thread)) return FIRST_PROCESS;
    return this.#processes.of(thread);
  }

  /**
   * A thread-id: hexadecimal, 0 any, -1 all; with its process in front, `p1.2`, or all threads of a process, `p1`.
   * `undefined` if it is none, or of a process that there is not.
   */
  parse(text: string): ThreadId | undefined {
    const match = ID.exec(text);
    if (match === null || text === '' || text.endsWith('.')) return undefined;
    const [, digits, thread] = match;
    const process = numberOf(digits);
    if (digits === undefined || process <= 0) return { thread: numberOf(thread), process: undefined };
    const { processes } = this;
    if (!processes.includes(process)) return undefined;
    // All of the only one are all.
    return { thread: numberOf(thread), process: processes.length === 1 ? undefined : process };
  }

  /**
   * The thread of a thread-id, 0 any, -1 all; `undefined` if it is no thread-id, or its thread is another process's.
   */
  parseThread(text: string): number | undefined {
    const id = this.parse(text);
    if (id === undefined || id.process === undefined) return id?.thread;
    const { thread, process } = id;
    if (thread > 0) return this.processOf(thread) === process ? thread : undefined;
    return this.#threads.list().find((one) => this.processOf(one.id) === process)?.id;
  }

  /** A thread-id as this debugger writes it. `process`: of a thread that is yet to come. */
  format(thread: number, process = this.processOf(thread)): string {
    const digits = thread.toString(16);
    return this.#features.has('multiprocess') ? `p${process.toString(16)}.${digits}` : digits;
  }

  /** What comes behind the code of a process that has ended. */
  formatProcess(process = FIRST_PROCESS): string {
    return this.#features.has('multiprocess') ? `;process:${process.toString(16)}` : '';
  }

  /** The process of a packet that names one, `;1`; `all` if it names none, or the debugger knows of none. */
  parseProcess(text: string): number | 'all' | undefined {
    if (text === '' || !this.#features.has('multiprocess')) return 'all';
    const [, digits] = PROCESS.exec(text) ?? [];
    const process = digits === undefined ? 0 : Number.parseInt(digits, 16);
    return this.processes.includes(process) ? process : undefined;
  }
}

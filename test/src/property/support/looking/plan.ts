/** One instruction of a random program; what it does beside executing comes when it has retired. */
export type Step =
  | { readonly op: 'plain' }
  | { readonly op: 'load' | 'store' | 'both'; readonly word: number; readonly size: number; readonly offset: number }
  /** A read-modify-write, as one access. */
  | { readonly op: 'set'; readonly word: number; readonly value: number }
  | { readonly op: 'reserve'; readonly word: number }
  /** Skips instructions if the latest value is odd. */
  | { readonly op: 'branch'; readonly over: number }
  | { readonly op: 'syscall'; readonly code: number }
  | { readonly op: 'fork'; readonly code: number; readonly thread: boolean }
  | { readonly op: 'wake' | 'signal' | 'halt'; readonly task: number }
  | { readonly op: 'move'; readonly task: number; readonly cpu: number }
  | { readonly op: 'interrupt'; readonly cpu: number; readonly line: number }
  | { readonly op: 'alarm'; readonly cpu: number; readonly after: number; readonly line: number }
  | { readonly op: 'repeat'; readonly times: number; readonly word: number }
  | { readonly op: 'sleep' | 'exit' | 'shadow' | 'trap' };

export type Code = readonly Step[];

/** A random kernel, and what happens in it. */
export interface KernelPlan {
  readonly cpus: number;
  readonly quantum: number;
  readonly tick: number;
  /** Nanoseconds that an instruction takes on each CPU. */
  readonly units: readonly number[];
  readonly strict: boolean;
  readonly sampleRate: number;
  /** Instructions to be executed. */
  readonly length: number;
  /** Effects of an instruction come before the next one of the program; else behind it. */
  readonly deferred: boolean;
  /** What tasks and system calls execute. */
  readonly codes: readonly Code[];
  /** What a handler of SIGUSR1 executes. */
  readonly handler: Code;
  readonly tasks: readonly {
    readonly code: number;
    readonly mode: 'user' | 'kernel';
    /** Empty: any CPU. */
    readonly affinity: readonly number[];
  }[];
}

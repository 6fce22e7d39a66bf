/** Something that is watched, whatever the architecture; what it cannot do it refuses. */
export interface Watch {
  /** Of the kinds of access that the architecture knows. */
  readonly kind: number;
  /** Of the lengths that it knows. */
  readonly length: number;
  readonly kernel: boolean;
  readonly word: number;
  readonly offset: number;
  readonly code: number;
  readonly step: number;
  readonly target: 'task' | 'cpu' | 'wide';
  /** Of the tasks, or CPUs. */
  readonly index: number;
  readonly silicon: boolean;
  /** The handler stops the machine inside the exception. */
  readonly suspends: boolean;
}

/** One thing that somebody does who looks. */
export type Look =
  | { readonly look: 'run'; readonly budget: number }
  | { readonly look: 'register'; readonly watch: Watch }
  | { readonly look: 'modify'; readonly index: number; readonly watch: Watch }
  | { readonly look: 'unregister' | 'disable' | 'enable'; readonly index: number }
  | {
      readonly look: 'open';
      readonly watch: Watch;
      /** Instead of the watch: PERF_COUNT_SW_*. */
      readonly software: number | undefined;
      readonly period: number;
      readonly inherit: boolean;
      readonly pinned: boolean;
    }
  | { readonly look: 'close' | 'stop' | 'start' | 'drain'; readonly index: number }
  | { readonly look: 'trace'; readonly word: number; readonly access: string }
  | { readonly look: 'tracer'; readonly on: boolean }
  | { readonly look: 'attach'; readonly threads: 'cpus' | 'tasks' }
  | { readonly look: 'insert'; readonly point: number; readonly watch: Watch }
  | { readonly look: 'take out'; readonly index: number }
  | {
      readonly look: 'go on';
      readonly how: 'c' | 'step' | 'range' | 'all';
      readonly thread: number;
      readonly budget: number;
    }
  | { readonly look: 'interrupt' | 'read' | 'detach'; readonly index: number }
  | {
      readonly look: 'order';
      readonly what: 'step alone' | 'continue alone' | 'write memory' | 'write a register';
      readonly thread: number;
      readonly budget: number;
    };

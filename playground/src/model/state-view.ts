import type { RegisterView } from './registers/register-view.js';

/** Who is in one register of a CPU, as the kernel's books say. */
export interface SlotView {
  /** The manual's name. */
  readonly register: string;
  /** `undefined`: nobody. */
  readonly owner: string | undefined;
  /** What is watched: type, address, bytes, symbol. */
  readonly what: string;
  /** The task that it is for; `undefined`: whatever runs. */
  readonly task: string | undefined;
  readonly hits: number;
}

/** One CPU. */
export interface CpuView {
  readonly index: number;
  /** The task on it; `undefined`: it idles. */
  readonly task: string | undefined;
  /** By symbol. */
  readonly pc: string;
  /** Nanoseconds. */
  readonly clock: number;
  readonly slots: readonly SlotView[];
  /** What the silicon holds: of a guest, while one is on it. */
  readonly registers: readonly RegisterView[];
}

/** One task. */
export interface TaskView {
  /** `comm-pid`. */
  readonly name: string;
  readonly guest: boolean;
  readonly state: string;
  /** The CPU that it is on, or was last. */
  readonly cpu: number;
  /** By symbol. */
  readonly pc: string;
  /** Line of the text, from 1; 0: none of its. */
  readonly line: number;
  readonly instructions: number;
  /** Registers of the assembly by name: hexadecimal. */
  readonly registers: Readonly<Record<string, string>>;
}

/** A variable. */
export interface VariableView {
  readonly symbol: string;
  readonly address: string;
  /** Whose memory: a task's name, or `kernel`, `guest`. */
  readonly of: string;
  /** Its elements of up to 8 bytes, the first 16 of them: unsigned. */
  readonly values: readonly string[];
}

/** A request that was refused. */
export interface RefusalView {
  /** Index in the scenario's watches. */
  readonly watch: number;
  readonly count: number;
  readonly code: string;
  readonly message: string;
  readonly holders: readonly HolderView[];
}

/** Who was in the way. */
export interface HolderView {
  readonly owner: string;
  readonly where: string;
  readonly what: string;
}

/** What became of a watch. */
export interface WatchView {
  readonly state: 'not yet' | 'in a register' | 'waits' | 'refused' | 'given back';
  readonly hits: number;
}

/** One line of the trace. */
export interface TraceLine {
  readonly count: number;
  readonly kind: string;
  readonly cpu: number;
  readonly task: string | undefined;
  readonly text: string;
}

/** Everything that there is to see of a simulation at one moment, as plain data. */
export interface StateView {
  /** Instructions that have retired, over all CPUs. */
  readonly count: number;
  /** Why nothing can run any more; `undefined`: something can. */
  readonly ended: string | undefined;
  readonly cpus: readonly CpuView[];
  readonly tasks: readonly TaskView[];
  readonly variables: readonly VariableView[];
  readonly watches: readonly WatchView[];
  readonly refusals: readonly RefusalView[];
  /** The latest lines. */
  readonly trace: readonly TraceLine[];
  /** Lines before these. */
  readonly earlier: number;
}

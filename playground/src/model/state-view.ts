import type { RegisterView } from './registers/register-view.js';
import type { PlacedState } from './watches/place.js';

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
  /**
   * The task on it; `undefined`: it idles. Of a virtual machine: whether its guest is inside, and which task of its.
   */
  readonly task: string | undefined;
  /** By symbol: of the guest, while one is inside. */
  readonly pc: string;
  /** Nanoseconds. */
  readonly clock: number;
  /** Whose debug registers the silicon holds: the host's, or from an entry to the next exit the guest's. */
  readonly silicon: Side;
  /** Who is in them, as the books of that kernel say. */
  readonly slots: readonly SlotView[];
  /** What the silicon holds. */
  readonly registers: readonly RegisterView[];
  /** Of a kernel whose registers the silicon does not hold, and which gets them back: its books. */
  readonly aside: AsideView | undefined;
}

/** One of two kernels on a CPU. */
export type Side = 'host' | 'guest';

/** The books of a kernel whose registers wait for it outside of the silicon. */
export interface AsideView {
  readonly of: Side;
  readonly slots: readonly SlotView[];
}

/** One task. */
export interface TaskView {
  /** `comm-pid`. */
  readonly name: string;
  readonly guest: boolean;
  /** `on CPU`, `runnable`: it waits for one; of a guest `on virtual CPU`, and whether that is inside. */
  readonly state: string;
  /** The CPU that it is on, or was last: of a guest a virtual one. */
  readonly cpu: number;
  /** By symbol. */
  readonly pc: string;
  /** Line of the text, from 1; 0: none of its. */
  readonly line: number;
  readonly instructions: number;
  /** Registers of the assembly by name: 0, or hexadecimal with 0x. */
  readonly registers: Readonly<Record<string, string>>;
  /**
   * Its own debug registers as its tracer reads them, likewise: virtual ones, whatever the silicon holds. None without
   * a tracer.
   */
  readonly debug: Readonly<Record<string, string>>;
}

/** A variable. */
export interface VariableView {
  readonly symbol: string;
  readonly address: string;
  /** Whose memory: a task's name, or `kernel`; where there is a guest, behind `host: ` or `guest: `. */
  readonly of: string;
  /** Its elements of up to 8 bytes, the first 16 of them: unsigned. */
  readonly values: readonly string[];
}

/** A request that was refused. */
export interface RefusalView {
  /** Index in the scenario's watches. */
  readonly watch: number;
  readonly count: number;
  /** Name of the error, or `not in this kernel`. */
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
  readonly state: WatchState;
  readonly hits: number;
}

/** Where it is; of one that is in no register, why. */
export type WatchState =
  | 'not yet'
  | PlacedState
  | 'set aside while the host runs'
  | 'set aside while the guest runs'
  | 'refused'
  | 'given back';

/** One line of the trace. */
export interface TraceLine {
  /** Of what an instruction did, its number; of anything else how many had retired. */
  readonly count: number;
  /** `hit`, `stop`, `step`, `in`, `out`, `refused`, or as a history names it. */
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

/** Who held registers, and what happened meanwhile: plain data, numbers and strings only. */
export interface HistoryData {
  readonly cpus: number;
  /** Names of one CPU's registers, by number. */
  readonly registers: readonly string[];
  /**
   * What is covered, in instructions that all CPUs have retired (`machine.count`). Behind `from` everything is there;
   * where records were lost, intervals and events that are older may be missing.
   */
  readonly from: number;
  readonly to: number;
  /** Records that were dropped, the oldest first, as the capacity was reached. */
  readonly lost: { readonly intervals: number; readonly events: number };
  /**
   * Who has held a register, or waited for one, in order of appearance. There are at most 1024 of them; the last one
   * then stands for all that came later, and is called `(others)`.
   */
  readonly owners: readonly string[];
  /** By `from`, then CPU, then register. */
  readonly intervals: readonly Interval[];
  /** In the order in which they happened. */
  readonly events: readonly HistoryEvent[];
  /** Of guests whose histories are kept beside this one (see `HistoryOptions.host`), in counts of this one. */
  readonly guests?: readonly GuestHistory[];
}

/** The history of a guest: its CPUs are virtual ones. */
export interface GuestHistory extends HistoryData {
  readonly name: string;
}

/**
 * One stay in a register. It sees the instructions behind `from`, up to number `to`; a stay in which nothing executed
 * and nothing was hit is none. What leaves a register and is in it again before anything executes was never away.
 */
export interface Interval {
  readonly cpu: number;
  readonly register: number;
  /** Index in `owners`. */
  readonly owner: number;
  /** What is watched, such as `w 0x1000+8 counter`: type, address, bytes, symbol. */
  readonly what: string;
  /** The task that it is for, as `comm-pid`; absent: whatever runs on the CPU. */
  readonly task?: string;
  readonly from: number;
  /** Absent: it is held still. */
  readonly to?: number;
  /**
   * Absent while it is held. `switched`: its scheduler took it out: the task left the CPU, or others had their turn.
   */
  readonly end?: IntervalEnd;
  /** Who displaced it, where a request did: `owner w 0x1000+8`. */
  readonly by?: string;
}

/** Why a stay ended: see the hook `uninstalled` of core. */
export type IntervalEnd = 'released' | 'displaced' | 'switched' | 'changed';

/** Something that happened. */
export type HistoryEvent = HistoryMoment & HistoryHappening;

/** When and where. */
export interface HistoryMoment {
  /** Instructions that had retired; of a hit the number of its instruction, which may not have retired yet. */
  readonly count: number;
  /** -1: no CPU in particular. */
  readonly cpu: number;
  /** The task that ran, or that it is about. */
  readonly task?: string;
}

/** What of a hit is told. `owner`: index in `owners`; `pc`: of the instruction that made the access, `0x...`. */
export interface HitHappening {
  readonly kind: 'hit';
  readonly register: number;
  readonly owner: number;
  readonly what: string;
  readonly pc: string;
  readonly context: 'task' | 'softirq' | 'hardirq' | 'nmi' | 'idle';
}

/**
 * What happened. `stop`: a task was stopped, by a signal or its tracer (`of: 'task'`), or somebody has stopped the
 * machine: an exception handler on its CPU (`Hit.suspend`), or a debugger (then there is no task, and no CPU in
 * particular). `switch`: the tasks; absent: the CPU idled. `interrupt`: the line, -1 for a non-maskable one. `waits`,
 * `granted`, `displaced`: what a slot policy has decided of a breakpoint. `refused`: there was no slot, and who was in
 * the way.
 */
export type HistoryHappening =
  | HitHappening
  | { readonly kind: 'stop'; readonly of: 'task' | 'machine'; readonly why: string }
  | { readonly kind: 'switch'; readonly from?: string; readonly to?: string }
  | { readonly kind: 'interrupt'; readonly line: number }
  | { readonly kind: 'guest-entry' | 'guest-exit' }
  | { readonly kind: 'waits' | 'granted'; readonly owner: number; readonly what: string }
  | { readonly kind: 'displaced'; readonly owner: number; readonly what: string; readonly by?: string }
  | {
      readonly kind: 'refused';
      /** A name: it has never held a register, perhaps. */
      readonly owner: string;
      readonly what: string;
      readonly holders: readonly string[];
    };

/** A place in a history: what was there when somebody looked. Of no use to another history. */
export interface HistoryCursor {
  /** How often it had begun anew. */
  readonly era: number;
  /** Stays that were over. */
  readonly intervals: number;
  readonly events: number;
}

/** What a history has got since somebody looked. */
export interface HistoryChanges {
  /** For the next look. */
  readonly cursor: HistoryCursor;
  /** It has begun anew since: what was known by then is not of this history. */
  readonly anew: boolean;
  /**
   * As of now, with the intervals and events alone that are new. The intervals are over, and no more will be said of
   * them; they come by their ends.
   */
  readonly data: HistoryData;
  /** The latest stay in each register, which may go on: it takes the place of the one that was told of by then. */
  readonly latest: readonly Interval[];
}

/** What a debugger's user sees when the target has stopped. */
export interface Seen {
  /**
   * `hbreak`, `break`, `watch` (with old and new value), `rwatch`, `awatch`, `step`, a signal's name, or `exited N`.
   */
  readonly why: string;
  readonly thread: number;
  readonly pc: bigint;
  /** Of a watch: what was there before, and is now. */
  readonly values?: readonly bigint[];
}

export type WatchKind = 'watch' | 'rwatch' | 'awatch';

/** A debugger in somebody's hands: gdb itself, or a stand-in in this process that sends what gdb sends. */
export interface Debugger {
  hbreak(address: bigint, condition?: { readonly address: bigint; readonly above: bigint }): Promise<void>;
  break(address: bigint): Promise<void>;
  /** A watch on an int. */
  watch(kind: WatchKind, address: bigint): Promise<void>;
  /** Deletes every breakpoint. */
  clear(): Promise<void>;
  continue(): Promise<Seen>;
  step(): Promise<Seen>;
  /** Continues, and presses Ctrl-C once it runs. */
  interrupted(): Promise<Seen>;
  /** An int. */
  read(address: bigint): Promise<bigint>;
  write(address: bigint, value: bigint): Promise<void>;
  /** Names of the threads, in order. */
  threads(): Promise<readonly string[]>;
  /** The output of `monitor`. */
  monitor(command: string): Promise<string>;
  /** Lets go, and attaches anew. */
  reattach(): Promise<void>;
  close(): Promise<void>;
}

/** What was refused: gdb says so when it goes on. */
export class Refused extends Error {}

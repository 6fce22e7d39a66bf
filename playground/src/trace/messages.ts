/** What is to be replayed. Files stay where they are: they are read piece by piece. */
export interface TraceRequest {
  readonly trace: File;
  readonly program: File | undefined;
  /** As on the command line: `vault_total:w`. */
  readonly watches: readonly string[];
  /** As `--arch` and `--cpu` name them. */
  readonly arch: string;
  readonly cpu: string | undefined;
  readonly cpus: number;
  /** Where a position-independent program was loaded. */
  readonly loadBias: bigint | undefined;
}

/** An instruction that touched what is watched. */
export interface TraceSite {
  readonly watch: string;
  readonly type: string;
  /** By symbol, or in hexadecimal. */
  readonly name: string;
  readonly pc: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** So seldom that it may not be meant to. */
  readonly rare: boolean;
}

/** One debug register, and what it was for. */
export interface TraceRegister {
  readonly cpu: number;
  readonly register: string;
  readonly address: string | undefined;
  readonly watch: string | undefined;
  readonly owner: string | undefined;
  readonly hits: number;
}

/** What a replay has found: so far, or in the end. */
export interface TraceResult {
  readonly steps: number;
  readonly skipped: number;
  readonly hits: number;
  readonly sites: readonly TraceSite[];
  readonly registers: readonly TraceRegister[];
  readonly seconds: number;
}

/** What the worker says. */
export type TraceAnswer =
  | { readonly kind: 'progress'; readonly read: number; readonly size: number; readonly result: TraceResult }
  | { readonly kind: 'done'; readonly result: TraceResult }
  | { readonly kind: 'failed'; readonly message: string };

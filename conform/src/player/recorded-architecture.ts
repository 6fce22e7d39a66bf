import type { ConsumerClass, Kernel, KernelOptions, Quirk } from '@hwbp/core';
import type { PerfSettings } from '@hwbp/perf';
import type { LineFormat } from '../format/line-format.js';
import type { Script, Step } from '../format/script.js';
import type { Control } from './control.js';
import type { RemoteCopy } from './remote-memory.js';
import type { Results } from './results.js';
import type { Stage } from './stage.js';
import type { Worker } from './worker.js';

/** What an op does: does what the recorder did for this step, and returns what came of it. */
export type Op = (stage: Stage, step: Step) => Results;
/** Ops by name. */
export type Ops = Readonly<Record<string, Op>>;
/** What a kernel is composed of, but for what plays scripts on it. */
export interface RecordedKernel extends Omit<KernelOptions, 'plugins' | 'strict'> {
  /** Settings of perf that differ from the defaults. */
  readonly perf: Partial<PerfSettings>;
  /** Consumers beside ptrace and perf. */
  readonly consumers?: readonly ConsumerClass[];
}

/** Fields of a step that came of it and were not asked for: of every op, and further ones of single ops. */
export interface ResultFields {
  readonly all: readonly string[];
  readonly of: Readonly<Record<string, readonly string[]>>;
}

/**
 * Everything in which the recordings of one architecture differ from those of another. What is common (reading,
 * composing, running tasks, events, comparing) stands beside this file and in `ops/`, and knows no architecture.
 */
export interface RecordedArchitecture {
  /** Its scripts' `format`. */
  readonly name: string;
  readonly lines: LineFormat;
  /** The quirks of the kernels that its scripts are played on. */
  readonly quirks: readonly Quirk[];
  /** Why a script cannot be played, such as `needs power11-6.1`; `undefined` if it can. */
  obstacle?(script: Script): string | undefined;
  /** The kernel that it was recorded on. */
  kernel(script: Script): RecordedKernel;
  /** Where the kernel's instructions seem to lie: transcripts do not say. Symbols that they name lie behind it. */
  readonly kernelText: bigint;
  /** The kernel copies to and from user memory with loads and stores that count as user mode's. Default false. */
  readonly unprivilegedCopies?: boolean;
  /**
   * The loads or stores of 8 bytes or less that the kernel copies part of a page with, through the direct map. Default:
   * byte by byte.
   */
  readonly remoteCopy?: RemoteCopy;
  /** The program of the script's tasks. */
  worker(kernel: Kernel, script: Script): Worker;
  readonly control: Control;
  readonly ops: Ops;
  readonly results: ResultFields;
  /** Parts of the state that can be read back after each step, in this order, and what each adds to `after`. */
  readonly readBack?: Readonly<Record<string, (stage: Stage) => Results>>;
  /** What is there before the first step. */
  begin?(stage: Stage, script: Script): void;
  /** What happens before each op, and behind it. */
  around?(stage: Stage): void;
  /** A step, without what of its results cannot be compared. */
  comparable?(step: Step): Step;
}

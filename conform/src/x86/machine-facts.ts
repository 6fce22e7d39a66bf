import { z } from 'zod';
import type { Script } from '../format/script.js';

const hexSchema = z.string().regex(/^0x[0-9a-f]{1,16}$/);

/**
 * `setup.machine` of a recorded script: facts of the machine that it was recorded on. Those that are absent are
 * {@link resolveMachine}'s.
 */
export const machineSchema = z.looseObject({
  /** `uname -r`. */
  kernel: z.string().optional(),
  /** Model name. */
  cpu: z.string().optional(),
  /** Online CPUs. */
  cpus: z.number().int().min(2).max(4096).optional(),
  /** AMD's breakpoint extension: one register can watch a range. */
  bpext: z.boolean().optional(),
  /** CONFIG_KPROBES. Without, no kernel address takes an execute breakpoint. */
  kprobes: z.boolean().optional(),
  /** The sysctl of that name. */
  perf_event_paranoid: z.number().int().min(-1).max(4).optional(),
  /** Samples a second that `freq` may ask for: the sysctl kernel.perf_event_max_sample_rate. */
  max_sample_rate: z.number().int().min(1).max(0x7fff_ffff).optional(),
  /** Levels of page tables, which say how far user space reaches. */
  paging_levels: z.union([z.literal(4), z.literal(5)]).optional(),
  /** First address above user space (TASK_SIZE_MAX). */
  task_size: hexSchema.optional(),
});

/** Facts of a machine, as a recording has them. */
export type MachineFacts = z.infer<typeof machineSchema>;

/** What a script is played on. */
export interface ResolvedMachine {
  readonly cpus: number;
  readonly bpext: boolean;
  readonly kprobes: boolean;
  readonly perfEventParanoid: number;
  readonly maxSampleRate: number;
  readonly taskSize: bigint;
}

const TASK_SIZE = { 4: 0x7fff_ffff_f000n, 5: 0xff_ffff_ffff_f000n } as const;

/**
 * The machine of a script; what it does not say is as on the machine of the first recordings: Linux 6.18 on two CPUs of
 * an EPYC without `bpext`, 4-level paging, no kprobes.
 */
export function resolveMachine({ setup }: Pick<Script, 'setup'>): ResolvedMachine {
  const facts: MachineFacts = machineSchema.optional().parse(setup.machine) ?? {};
  return {
    cpus: facts.cpus ?? 2,
    bpext: facts.bpext ?? false,
    kprobes: facts.kprobes ?? false,
    perfEventParanoid: facts.perf_event_paranoid ?? 2,
    maxSampleRate: facts.max_sample_rate ?? 100_000,
    taskSize: facts.task_size === undefined ? TASK_SIZE[facts.paging_levels ?? 4] : BigInt(facts.task_size),
  };
}

import type { Arm64Features } from '@hwbp/arch-arm64';
import { z } from 'zod';

const hexSchema = z.string().regex(/^0x[0-9a-f]{1,16}$/);
const slots = z.number().int().min(2).max(16);

/** `cfg` of a recorded script: the machine that it was recorded on. */
export const configSchema = z.looseObject({
  /** QEMU's name of the CPU model. */
  cpu: z.string(),
  /** Breakpoints and watchpoints. */
  brps: slots,
  wrps: slots,
  /** ID_AA64DFR0_EL1.DebugVer. */
  debug_arch: z.number().int().min(6).max(15),
  kernel: z.string().optional(),
  cpus: z.number().int().min(2).max(4096),
  /** First address above user space of a 64-bit process: 48 or 52 bits. */
  task_size: z.enum(['0x1000000000000', '0x10000000000000']),
  perf_event_paranoid: z.number().int().min(-1).max(4),
  /** Addresses of the kernel's symbols that scripts name. */
  ksyms: z.record(z.string(), hexSchema).optional(),
});

/** A `cfg`, parsed. */
export type Config = z.infer<typeof configSchema>;

const LARGE_TASK_SIZE = '0x10000000000000';

/**
 * The CPU of a `cfg`, with the choices of the emulator under the recorded kernels: which byte FAR reports, and what
 * instructions of several accesses have stored before one hits.
 */
export function featuresOf({ brps, wrps, debug_arch, task_size }: Config): Arm64Features {
  const vaBits = task_size === LARGE_TASK_SIZE ? 52 : 48;
  return { brps, wrps, debugArch: debug_arch, vaBits, far: 'watched', storesEarlier: true };
}

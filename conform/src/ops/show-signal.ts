import { isRealTime, SI_CODES, type SignalInfo } from '@hwbp/core';
import { hexValue } from '../format/hex.js';
import type { Results } from '../player/results.js';

const CODES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  SIGTRAP: { 1: 'TRAP_BRKPT', 2: 'TRAP_TRACE', 4: 'TRAP_HWBKPT', 6: 'TRAP_PERF' },
  SIGSEGV: { 1: 'SEGV_MAPERR', 2: 'SEGV_ACCERR' },
};
/** Why a signal comes that an event sends. */
export const POLL_CODES: Readonly<Record<number, string>> = { 1: 'POLL_IN', 6: 'POLL_HUP' };

/** A signal's code by name. */
export function codeName({ si_signo, si_code }: SignalInfo): string {
  if (si_code === SI_CODES.SI_KERNEL) return 'SI_KERNEL';
  const codes = isRealTime(si_signo) ? POLL_CODES : CODES[si_signo];
  return codes?.[si_code] ?? (si_code === SI_CODES.SI_USER ? 'SI_USER' : String(si_code));
}

/** What a TRAP_PERF carries. */
export function perfFields({ si_code, si_perf_data, si_perf_type, si_perf_flags }: SignalInfo): Results {
  if (si_code !== SI_CODES.TRAP_PERF) return {};
  return { perf_data: hexValue(si_perf_data ?? 0n), perf_type: si_perf_type ?? 0, perf_flags: si_perf_flags ?? 0 };
}

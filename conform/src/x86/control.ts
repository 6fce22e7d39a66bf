import { SI_CODES, type SignalInfo } from '@hwbp/core';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/script.js';
import { stepping } from '../ops/stepping.js';
import type { Control, RunEnd, Stop } from '../player/control.js';
import { NO_CALL, NR, stubAddress, stubIndex, WORKER } from './worker-layout.js';

/** EFLAGS that the recorder begins with: IF, and the bit that is always 1. */
export const FLAGS = 0x202n;
export const RF = 0x10000n;
const DR6 = 6;
const CALLS: Readonly<Record<string, bigint>> = NR;

const CODES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  SIGTRAP: { 1: 'TRAP_BRKPT', 2: 'TRAP_TRACE', 4: 'TRAP_HWBKPT', 6: 'TRAP_PERF' },
  SIGSEGV: { 1: 'SEGV_MAPERR', 2: 'SEGV_ACCERR' },
};

function codeName({ si_signo, si_code }: SignalInfo): string {
  if (si_code === SI_CODES.SI_KERNEL) return 'SI_KERNEL';
  return CODES[si_signo]?.[si_code] ?? (si_code === SI_CODES.SI_USER ? 'SI_USER' : String(si_code));
}

/** What a TRAP_PERF carries. */
function perfFields({ si_code, si_perf_data, si_perf_type, si_perf_flags }: SignalInfo) {
  if (si_code !== SI_CODES.TRAP_PERF) return {};
  return { perf_data: hexValue(si_perf_data ?? 0n), perf_type: si_perf_type ?? 0, perf_flags: si_perf_flags ?? 0 };
}

function showStop({ tracer, task, info, run, changed }: Stop): Value {
  const { rip = 0n, eflags = 0n, rcx = 0n } = tracer.getRegs(task);
  const stored = changed();
  return {
    sig: info.si_signo,
    code: codeName(info),
    addr: hexValue(info.si_addr ?? 0n),
    rip: hexValue(rip),
    dr6: hexValue(tracer.peekUser(task, tracer.debugOffset(DR6))),
    ...((eflags & RF) === 0n ? {} : { rf: true }),
    ...perfFields(info),
    ...(stored === undefined ? {} : { stored }),
    ...((run.registers.rcx ?? 0n) === 0n ? {} : { rcx: Number(rcx) }),
  };
}

function showEnd(end: RunEnd): string {
  if (end.kind === 'signal') return end.signal;
  return end.kind === 'stops' ? 'too many stops' : end.kind;
}

/** How the recorder drives a task of x86. */
export const CONTROL: Control = {
  traceOptions: Object.freeze({ exitKill: true, traceFork: true, traceClone: true, traceExec: true }),
  text: [WORKER.text, WORKER.text + BigInt(WORKER.textSize) - 1n],
  registers: (given) => ({ rsi: 0n, rdi: 0n, rcx: 0n, rdx: 0n, rax: 0n, eflags: FLAGS, ...given }),
  call: (name, [rdi = 0n, rsi = 0n, rdx = 0n]) => {
    return { rip: stubAddress(stubIndex('syscall')), rax: CALLS[name] ?? NO_CALL, rdi, rsi, rdx };
  },
  going: stepping,
  asleep: { rip: WORKER.pauseLoop, eflags: FLAGS },
  result: 'rax',
  // The INT3 behind each stub.
  isEnd: (status) =>
    status.kind === 'signal' && status.info.si_signo === 'SIGTRAP' && status.info.si_code === SI_CODES.SI_KERNEL,
  fatal: ['SIGSEGV'],
  mostStops: 96,
  showStop,
  showEnd,
};

import { SI_CODES } from '@hwbp/core';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/script.js';
import { codeName, perfFields } from '../ops/show-signal.js';
import { stepping } from '../ops/stepping.js';
import type { Control, RunEnd, Stop } from '../player/control.js';
import { NO_CALL, NR, stubAddress, stubIndex, WORKER } from './worker-layout.js';

/** EFLAGS that the recorder begins with: IF, and the bit that is always 1. */
export const FLAGS = 0x202n;
export const RF = 0x10000n;
const DR6 = 6;
const CALLS: Readonly<Record<string, bigint>> = NR;

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

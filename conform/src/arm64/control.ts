import { isRealTime, SI_CODES, type SignalName } from '@hwbp/core';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/script.js';
import { codeName, perfFields } from '../ops/show-signal.js';
import type { Control, RunEnd, Stop } from '../player/control.js';
import { going } from './going.js';
import { bitsOf } from './worker.js';
import { callAddress, NO_CALL, NR, WORKER } from './worker-layout.js';

/** PSTATE.SS. */
const SS = 1n << 21n;
/** Registers that the recorder sets for each run. */
const WRITTEN = Object.fromEntries(
  ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7', 'x8', 'pstate'].map((name) => [name, 0n]),
);
const CALLS: Readonly<Record<string, bigint>> = NR;
/** clone of a process: arm64 has no fork. */
const SIGCHLD = 17n;

/** `SIGRT1` is SIGRTMIN+1. */
function signalName(signal: SignalName): string {
  return isRealTime(signal) ? signal.replace('MIN+', '') : signal;
}

function showStop({ tracer, task, info, changed }: Stop): Value {
  const { pc = 0n, pstate = 0n } = tracer.getRegs(task);
  const stored = changed();
  const { si_signo, si_addr = 0n, si_errno = 0 } = info;
  return {
    sig: signalName(si_signo),
    code: codeName(info),
    ...(isRealTime(si_signo) ? {} : { addr: hexValue(si_addr) }),
    pc: hexValue(pc),
    ...(si_errno === 0 ? {} : { si_errno }),
    ...((pstate & SS) === 0n ? {} : { ss: true }),
    ...(stored === undefined ? {} : { stored }),
    ...perfFields(info),
  };
}

function showEnd(end: RunEnd): string {
  if (end.kind === 'signal' || end.kind === 'killed') return end.signal;
  return end.kind === 'stops' ? 'limit' : end.kind;
}

/** How the recorder drives a task of arm64. */
export const CONTROL: Control = {
  traceOptions: Object.freeze({
    exitKill: true,
    traceFork: true,
    traceClone: true,
    traceExec: true,
    traceSysGood: true,
  }),
  text: [WORKER.text, WORKER.text + BigInt(WORKER.textSize) - 1n],
  registers: (given) => ({ ...WRITTEN, ...given }),
  call: (name, args, task) => {
    const [x0 = 0n, x1 = 0n, x2 = 0n] = name === 'fork' ? [SIGCHLD] : args;
    return { pc: callAddress(bitsOf(task)), x8: CALLS[name === 'fork' ? 'clone' : name] ?? NO_CALL, x0, x1, x2 };
  },
  going,
  asleep: { ...WRITTEN, pc: WORKER.pauseLoop },
  result: 'x0',
  // The parking instruction behind each stub.
  isEnd: (status) =>
    status.kind === 'signal' && status.info.si_signo === 'SIGTRAP' && status.info.si_code === SI_CODES.TRAP_BRKPT,
  fatal: ['SIGSEGV', 'SIGBUS', 'SIGILL'],
  mostStops: 96,
  showStop,
  showEnd,
};

import { isRealTime, SI_CODES, SIGNALS, SIGRTMIN, type SignalName } from '@hwbp/core';
import type { WaitStatus } from '@hwbp/ptrace';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/script.js';
import type { Control, Stop } from '../player/control.js';
import { STUBS, stubAddress, stubAt, WORKER } from './worker-layout.js';

/** Why a run ends that the recorder gives up. */
export const TOO_MANY_STOPS = 'stops';
const TRAP_DSI = 0x300n;

function signalNumber(signal: SignalName): number {
  return isRealTime(signal) ? SIGRTMIN + Number(signal.slice(signal.indexOf('+'))) : SIGNALS[signal];
}

/** The trap behind a stub. */
export function isTrap(status: WaitStatus): boolean {
  return status.kind === 'signal' && status.info.si_code === SI_CODES.TRAP_BRKPT;
}

function showStop({ tracer, task, info, run, changed }: Stop): Value {
  const { nip = 0n, trap = 0n, dar = 0n, dsisr = 0n } = tracer.getRegs(task);
  const begin = run.registers.nip ?? 0n;
  const inSystemCall = STUBS[stubAt(begin)?.name ?? '']?.kind === 'syscall';
  return {
    sig: signalNumber(info.si_signo),
    code: info.si_code,
    si_errno: 0,
    si_addr: hexValue(info.si_addr ?? 0n),
    ...(inSystemCall ? {} : { nip: Number(nip - begin) }),
    trap: hexValue(trap),
    ...(trap === TRAP_DSI ? { dar: hexValue(dar), dsisr: hexValue(dsisr) } : {}),
    mem_changed: changed() === true ? 1 : 0,
  };
}

/** How the recorder drives a task of ppc64. */
export const CONTROL: Control = {
  traceOptions: Object.freeze({ exitKill: true, traceFork: true }),
  text: [WORKER.text, WORKER.text + BigInt(WORKER.textSize) - 1n],
  registers: (given) => given,
  call: (name) => ({ nip: stubAddress(name) }),
  going: () => ({}),
  result: 'r3',
  isEnd: isTrap,
  fatal: [],
  mostStops: 8,
  showStop,
  showEnd: ({ kind }) => (kind === 'stops' ? TOO_MANY_STOPS : kind),
};

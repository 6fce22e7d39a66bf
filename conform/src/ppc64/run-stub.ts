import {
  isRealTime,
  type Machine,
  SI_CODES,
  SIGNALS,
  SIGRTMIN,
  type SignalInfo,
  type SignalName,
  type Task,
} from '@hwbp/core';
import type { Tracer, WaitStatus } from '@hwbp/ptrace';
import { StepError } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/transcript.js';
import { STUBS, stubAddress } from './worker-layout.js';

/** Stops after which the recorder gives up and kills the task. */
const MAX_STOPS = 8;
const TRAP_DSI = 0x300n;

/** How a stub is run. */
export interface StubRun {
  readonly name: string;
  readonly registers: Readonly<Record<string, bigint>>;
  /** Say at each stop whether these bytes have changed since the start. */
  readonly watch: { readonly address: bigint; readonly length: number };
}

/** What running it showed. */
export interface StubResult {
  readonly stops: readonly Value[];
  /** The task was killed for its stops. */
  readonly killed: boolean;
  readonly changed: boolean;
  /** r3 at the end. */
  readonly result: bigint;
}

/** The task handed control back: the trap behind a stub. */
export function isTrap(status: WaitStatus): boolean {
  return status.kind === 'signal' && status.info.si_code === SI_CODES.TRAP_BRKPT;
}

function signalNumber(signal: SignalName): number {
  return isRealTime(signal) ? SIGRTMIN + Number(signal.slice(signal.indexOf('+'))) : SIGNALS[signal];
}

function describeStop(tracer: Tracer, task: Task, info: SignalInfo, { name }: StubRun, changed: boolean): Value {
  const { nip = 0n, trap = 0n, dar = 0n, dsisr = 0n } = tracer.getRegs(task);
  const inSystemCall = STUBS[name]?.kind === 'syscall';
  return {
    sig: signalNumber(info.si_signo),
    code: info.si_code,
    si_errno: 0,
    si_addr: hexValue(info.si_addr ?? 0n),
    ...(inSystemCall ? {} : { nip: Number(nip - stubAddress(name)) }),
    trap: hexValue(trap),
    ...(trap === TRAP_DSI ? { dar: hexValue(dar), dsisr: hexValue(dsisr) } : {}),
    mem_changed: changed ? 1 : 0,
  };
}

/** Lets a task run from a stub to the trap behind it, resuming each stop without its signal. */
export function runStub(machine: Machine, tracer: Tracer, task: Task, run: StubRun): StubResult {
  const { address, length } = run.watch;
  const read = (): Uint8Array => task.memory.read(address, length);
  const before = read();
  const changed = (): boolean => read().some((byte, i) => byte !== before[i]);
  tracer.setRegs(task, { ...run.registers, nip: stubAddress(run.name) });
  const stops: Value[] = [];
  for (;;) {
    tracer.cont(task);
    const status = tracer.wait(task);
    if (status === undefined) throw new StepError(`the played task ${task} neither stopped nor ended`);
    if (isTrap(status)) break;
    if (status.kind !== 'signal') throw new StepError(`the played task ${task} ended`);
    stops.push(describeStop(tracer, task, status.info, run, changed()));
    if (stops.length < MAX_STOPS) continue;
    machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: SI_CODES.SI_USER });
    tracer.wait(task);
    return { stops, killed: true, changed: false, result: 0n };
  }
  return { stops, killed: false, changed: changed(), result: task.context.get('r3') };
}

import { SI_CODES, type SignalInfo, type Task } from '@hwbp/core';
import type { Tracer, WaitStatus } from '@hwbp/ptrace';
import { StepError } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/transcript.js';

/** Stops after which the recorder gives up. */
const MAX_STOPS = 96;
const RF = 0x10000n;

/** How a stub is run. */
export interface StubRun {
  readonly registers: Readonly<Record<string, bigint>>;
  /** Start with EFLAGS.RF set. */
  readonly rf?: boolean;
  /** Resume with PTRACE_SINGLESTEP. */
  readonly step?: boolean;
  /** Say at each stop whether these bytes have changed since the start. */
  readonly watch?: { readonly address: bigint; readonly length: number };
  /** How those bytes are read; `undefined` where some are not there. */
  readonly peek?: (address: bigint, length: number) => Uint8Array | undefined;
}

/** What running it showed. */
export interface StubResult {
  readonly stops: readonly Value[];
  /** Why it did not reach its INT3. */
  readonly end: string | undefined;
  /** rax at the end, signed. */
  readonly result: bigint;
  /** The task that it made. */
  readonly child: Task | undefined;
}

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

function peek({ peek }: StubRun, { address, length }: { readonly address: bigint; readonly length: number }) {
  return peek?.(address, length);
}

function describeStop(
  tracer: Tracer,
  task: Task,
  info: SignalInfo,
  run: StubRun,
  before: Uint8Array | undefined,
): Value {
  const regs = tracer.getRegs(task);
  const now = before === undefined || run.watch === undefined ? undefined : peek(run, run.watch);
  return {
    sig: info.si_signo,
    code: codeName(info),
    addr: hexValue(info.si_addr ?? 0n),
    rip: hexValue(regs.rip ?? 0n),
    dr6: hexValue(tracer.peekUser(task, tracer.debugOffset(6))),
    ...(((regs.eflags ?? 0n) & RF) !== 0n ? { rf: true } : {}),
    ...perfFields(info),
    ...(now === undefined ? {} : { stored: now.some((byte, i) => byte !== before?.[i]) }),
    ...((run.registers.rcx ?? 0n) !== 0n ? { rcx: Number(regs.rcx ?? 0n) } : {}),
  };
}

/** The task handed control back: the INT3 behind a stub. */
function isEnd(status: WaitStatus): boolean {
  return status.kind === 'signal' && status.info.si_signo === 'SIGTRAP' && status.info.si_code === SI_CODES.SI_KERNEL;
}

/** Runs a stopped task from the given registers until its INT3, resuming each stop without its signal. */
export function runStub(tracer: Tracer, task: Task, run: StubRun): StubResult {
  tracer.setRegs(task, {
    rsi: 0n,
    rdi: 0n,
    rcx: 0n,
    rdx: 0n,
    rax: 0n,
    ...run.registers,
    eflags: 0x202n | (run.rf === true ? RF : 0n),
  });
  const watch = run.watch !== undefined && run.watch.length > 0 && run.watch.length <= 64 ? run.watch : undefined;
  const before = watch === undefined ? undefined : peek(run, watch);
  const stops: Value[] = [];
  let end: string | undefined;
  let child: Task | undefined;
  while (end === undefined) {
    if (run.step === true) tracer.singleStep(task);
    else tracer.cont(task);
    const status = tracer.wait(task);
    if (status === undefined) throw new StepError(`the played task ${task} neither stopped nor ended`);
    if (isEnd(status)) break;
    if (status.kind === 'exited' || status.kind === 'killed') end = status.kind;
    else if (status.kind === 'event') child = status.child ?? child;
    else {
      stops.push(describeStop(tracer, task, status.info, run, before));
      if (status.info.si_signo === 'SIGSEGV') end = 'SIGSEGV';
      else if (stops.length === MAX_STOPS) end = 'too many stops';
    }
  }
  const result = task.alive ? BigInt.asIntN(64, task.context.get('rax')) : 0n;
  return { stops, end, result, child };
}

import { type Instruction, type Program, SI_CODES } from '@hwbp/core';
import { countArgument, textArgument } from '../../format/arguments.js';
import { hexValue } from '../../format/hex.js';
import type { Step, Value } from '../../format/script.js';
import type { Op, Ops } from '../../player/recorded-architecture.js';
import { RECORDER_TEXT } from '../../player/recorder-task.js';
import { attempt, type Results, systemCallResult } from '../../player/results.js';
import type { Stage } from '../../player/stage.js';
import { startCall } from '../../player/system-calls.js';
import type { HostThread, ThreadStop } from '../host-thread.js';
import { K2_PLAYS } from './k2-plays.js';

const WORD = 8;
const STORED = 0x99n;
const DEBUG_REGISTERS = 8;
/** The process's functions: a page of `nop; ret`. */
export const HOST_CODE = 0x3000_1000n;

const CODES: ReadonlyMap<number, string> = new Map([
  [SI_CODES.TRAP_TRACE, 'TRAP_TRACE'],
  [SI_CODES.TRAP_HWBKPT, 'TRAP_HWBKPT'],
  [SI_CODES.TRAP_PERF, 'TRAP_PERF'],
]);

/** Stops, where there were some. */
export function showStops(stops: readonly ThreadStop[]): Results {
  if (stops.length === 0) return {};
  return {
    stops: stops.map(({ code, dr6 }): Value => ({ code: CODES.get(code) ?? String(code), dr6: hexValue(dr6) })),
  };
}

const addressOf = ({ addresses }: Stage, step: Step): bigint => addresses.resolve(step.addr, `op ${step.op}: addr`);

/** An op in which a thread executes instructions in user mode. */
function executing(instructions: (address: bigint) => readonly Instruction[]): Op {
  return (stage, step) =>
    showStops(
      K2_PLAYS.of(stage)
        .thread(step)
        .execute(...instructions(addressOf(stage, step))),
    );
}

function accessing(kind: 'read' | 'write'): Op {
  return executing((address) => [
    {
      pc: RECORDER_TEXT,
      length: 3,
      accesses: [{ kind, address, size: WORD, ...(kind === 'write' && { value: STORED }) }],
    },
  ]);
}

/** getresuid: the kernel stores three times. */
function storeInKernel(stage: Stage, step: Step): Results {
  const thread = K2_PLAYS.of(stage).thread(step);
  const address = addressOf(stage, step);
  const { task } = thread;
  const call = (): Program => startCall(stage.workers, task, 'getresuid', [address, address, address]);
  const stops = thread.execute({ pc: RECORDER_TEXT, length: 2, syscall: call });
  const result = BigInt.asIntN(64, task.context.get(stage.workers.resultRegister));
  return { ...systemCallResult(result), ...showStops(stops) };
}

function host(stage: Stage, step: Step): Results {
  K2_PLAYS.of(stage).host(textArgument(step, 'name'), countArgument(step, 'cpu', 1, 0));
  return {};
}

function migrate(stage: Stage, step: Step): Results {
  stage.machine.setAffinity(K2_PLAYS.of(stage).thread(step).task, [countArgument(step, 'cpu', 1)]);
  return {};
}

function trace(stage: Stage, step: Step): Results {
  return attempt(() => void K2_PLAYS.of(stage).thread(step).trace());
}

function poke(stage: Stage, step: Step): Results {
  const register = countArgument(step, 'reg', DEBUG_REGISTERS - 1);
  const value = stage.addresses.resolve(step.val, 'op poke: val');
  const thread = K2_PLAYS.of(stage).thread(step);
  return attempt(
    () => void thread.stopped((tracer, task) => tracer.pokeUser(task, tracer.debugOffset(register), value)),
  );
}

/** `u_debugreg` of every traced thread. */
export function readThreadRegisters(stage: Stage): Results {
  const registers: Results = {};
  for (const [name, thread] of K2_PLAYS.of(stage).threads) if (thread.traced) registers[name] = debugRegisters(thread);
  return { dr: registers };
}

function debugRegisters(thread: HostThread): Value {
  return thread.stopped((tracer, task) =>
    Array.from({ length: DEBUG_REGISTERS }, (_, i) => hexValue(tracer.peekUser(task, tracer.debugOffset(i)))),
  );
}

/** Ops on the host's threads. */
export const HOST_OPS: Ops = {
  host,
  migrate,
  trace,
  poke,
  host_store: accessing('write'),
  host_load: accessing('read'),
  host_call: executing((address) => [
    { pc: address, length: 1 },
    { pc: address + 1n, length: 1, next: RECORDER_TEXT },
  ]),
  host_kstore: storeInKernel,
};

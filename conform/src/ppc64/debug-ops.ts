import type { HardwareDebugRequest, Task } from '@hwbp/core';
import { countArgument, wordArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Step } from '../format/script.js';
import type { Op, Ops } from '../player/recorded-architecture.js';
import { RECORDER_PAGE } from '../player/recorder-task.js';
import { attempt, type Results } from '../player/results.js';
import type { Stage } from '../player/stage.js';
import { taskOf } from './numbered-tasks.js';
import { WORKER } from './worker-layout.js';

const U32 = 0xffff_ffff;
/** A pointer to nothing, and how many bytes lie behind a good one. */
const BAD_POINTER = 8n;
const LONG = 8;
const DEBUG_INFO_SIZE = 32;
const REQUEST_SIZE = 40;
/** The breakpoint that `sethwdebug_addr_arg` asks for. */
const ADDR_ARG_REQUEST: HardwareDebugRequest = {
  version: 1,
  trigger_type: 4,
  addr_mode: 0,
  condition_mode: 0,
  addr: WORKER.window,
  addr2: 0n,
  condition_value: 0n,
};

/** The DABR of a task, as a debugger reads it. */
export function readDabr({ tracer }: Stage, task: Task): string {
  return hexValue(tracer.getDebugReg(task, 0));
}

/** What the kernel copies to or from the recorder: EFAULT where nothing is mapped, before anything else. */
function copy({ self }: Stage, pointer: bigint, size: number): void {
  self.task.memory.read(pointer, size);
}

/** A request, and the DABR straight afterwards. */
function withReadback(request: (stage: Stage, task: Task, step: Step) => Results | undefined): Op {
  return (stage, step) => {
    const task = taskOf(stage, step);
    return { ...attempt(() => request(stage, task, step)), dr0: readDabr(stage, task) };
  };
}

function getInfo(stage: Stage, step: Step): Results {
  return attempt(() => {
    const info = stage.tracer.getHwDebugInfo(taskOf(stage, step));
    copy(stage, step.ptr === undefined ? RECORDER_PAGE : wordArgument(step, 'ptr'), DEBUG_INFO_SIZE);
    const { num_instruction_bps: num_insn_bps, num_condition_regs: num_cond_regs, features, ...rest } = info;
    return { ...rest, num_insn_bps, num_cond_regs, features: hexValue(features) };
  });
}

function getDebugReg(stage: Stage, step: Step, register: number, pointer: bigint): Results {
  const val = stage.tracer.getDebugReg(taskOf(stage, step), register);
  copy(stage, pointer, LONG);
  return { val: hexValue(val) };
}

function setHwDebug(stage: Stage, task: Task, request: HardwareDebugRequest, pointer: bigint = RECORDER_PAGE): Results {
  copy(stage, pointer, REQUEST_SIZE);
  return { ret: stage.tracer.setHwDebug(task, request) };
}

function requestOf(step: Step): HardwareDebugRequest {
  return {
    version: countArgument(step, 'version', U32),
    trigger_type: countArgument(step, 'trigger', U32),
    addr_mode: countArgument(step, 'addr_mode', U32),
    condition_mode: countArgument(step, 'cond_mode', U32),
    addr: wordArgument(step, 'addr'),
    addr2: wordArgument(step, 'addr2'),
    condition_value: wordArgument(step, 'cond_value'),
  };
}

const numberArgument = (step: Step): number => Number(wordArgument(step, 'idx'));

/** Ops on debug registers: PTRACE_GET_DEBUGREG, SET_DEBUGREG, PPC_PTRACE_GETHWDBGINFO, SETHWDEBUG and DELHWDEBUG. */
export const DEBUG_OPS: Ops = {
  gethwdbginfo: getInfo,
  get_debugreg: (stage, step) => attempt(() => getDebugReg(stage, step, numberArgument(step), RECORDER_PAGE)),
  get_debugreg_badptr: (stage, step) => attempt(() => getDebugReg(stage, step, 0, BAD_POINTER)),
  set_debugreg: withReadback(
    ({ tracer }, task, step) => void tracer.setDebugReg(task, numberArgument(step), wordArgument(step, 'data')),
  ),
  sethwdebug: withReadback((stage, task, step) => setHwDebug(stage, task, requestOf(step))),
  sethwdebug_addr_arg: withReadback((stage, task) => setHwDebug(stage, task, ADDR_ARG_REQUEST)),
  sethwdebug_badptr: withReadback((stage, task) => setHwDebug(stage, task, ADDR_ARG_REQUEST, BAD_POINTER)),
  delhwdebug: withReadback(({ tracer }, task, step) => void tracer.delHwDebug(task, wordArgument(step, 'handle'))),
};

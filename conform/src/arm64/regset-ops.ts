import { KernelError, type Task } from '@hwbp/core';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Step, Value } from '../format/script.js';
import type { Ops } from '../player/recorded-architecture.js';
import { attempt, type Results } from '../player/results.js';
import type { Stage } from '../player/stage.js';
import { decodeState, type Entry, encodeState, type HardwareDebugState, NOTES, readState } from './regsets.js';

const U32 = 0xffff_ffff;
const MOST_BYTES = 4096;
/** A pointer to nothing. */
const BAD_POINTER = 8n;

function noteOf(step: Step): number {
  const set = textArgument(step, 'set');
  if (set === 'break' || set === 'watch') return NOTES[set];
  throw new StepError(`op ${step.op}: set is break or watch, got '${set}'`);
}

const lengthOf = (step: Step): number => countArgument(step, 'len', MOST_BYTES);

/** The entries as transcripts have them. */
function showEntries({ entries }: HardwareDebugState): Value {
  return entries.map(({ address, control }) => [hexValue(address), hexValue(BigInt(control))]);
}

function entryOf(step: Step, value: Value): Entry {
  if (!Array.isArray(value)) throw new StepError(`op ${step.op}: regs is a list of [address, control]`);
  const [address = 0, control = 0, pad = 0] = value as readonly Value[];
  const fields: Step = { op: step.op, address, control, pad };
  const number = (name: string): number => Number(BigInt.asUintN(32, wordArgument(fields, name)));
  return { address: wordArgument(fields, 'address'), control: number('control'), pad: number('pad') };
}

function stateOf(step: Step): HardwareDebugState {
  const { regs = [] } = step;
  if (!Array.isArray(regs)) throw new StepError(`op ${step.op}: regs is a list of [address, control]`);
  const word = (name: string): number =>
    step[name] === undefined ? 0 : Number(wordArgument(step, name) & BigInt(U32));
  return { info: word('info'), pad: word('pad'), entries: (regs as readonly Value[]).map((one) => entryOf(step, one)) };
}

/** What the kernel copies to or from a pointer to nothing: EFAULT. */
function fault({ self }: Stage): void {
  self.task.memory.read(BAD_POINTER, 1);
}

/** op get: PTRACE_GETREGSET. */
function get(stage: Stage, step: Step): Results {
  const task = stage.tasks.of(step);
  const len = lengthOf(step);
  return {
    got: len,
    ...attempt(() => {
      const bytes = stage.tracer.getRegSet(task, noteOf(step), len);
      const got = bytes.length;
      if (step.bad === true && got > 0) fault(stage);
      const state = decodeState(bytes);
      return {
        got,
        ...(got < 4 ? {} : { info: hexValue(BigInt(state.info)) }),
        ...(state.pad === 0 ? {} : { pad: hexValue(BigInt(state.pad)) }),
        regs: showEntries(state),
      };
    }),
  };
}

/** op set: PTRACE_SETREGSET. */
function set(stage: Stage, step: Step): Results {
  const task = stage.tasks.of(step);
  const len = lengthOf(step);
  const note = noteOf(step);
  const bytes = encodeState(stateOf(step), len);
  return attempt(() => {
    if (step.bad === true) {
      // Whatever is wrong with the length comes first.
      stage.tracer.getRegSet(task, note, len);
      fault(stage);
    }
    const got = stage.tracer.setRegSet(task, note, bytes);
    return got === len ? {} : { got };
  });
}

function readBack(stage: Stage, task: Task, note: number): Value {
  try {
    return showEntries(readState(stage.tracer, task, note));
  } catch (error) {
    if (error instanceof KernelError) return [];
    throw error;
  }
}

/** Both sets of every traced task. */
export function readHardware(stage: Stage): Value {
  const sets: Results = {};
  for (const [name, task] of stage.tasks.traced()) {
    sets[name] = { b: readBack(stage, task, NOTES.break), w: readBack(stage, task, NOTES.watch) };
  }
  return sets;
}

/** Ops on register sets. */
export const REGSET_OPS: Ops = { get, set };

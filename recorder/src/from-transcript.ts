import type { Script, Step, Value } from '@hwbp/conform';
import type { Plan, PlannedStep } from './plan.js';

/** Fields of a step that say what was asked; everything else in a transcript's step came of it. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  spawn: ['task', 'cpu', 'uid', 'pin'],
  exit: ['task', 'how'],
  kill: ['task'],
  fork: ['task', 'new', 'pin'],
  thread: ['task', 'new', 'pin'],
  exec: ['task'],
  affinity: ['task', 'cpu'],
  detach: ['task'],
  attach: ['task'],
  poke: ['task', 'reg', 'val', 'as'],
  peek: ['task', 'reg'],
  access: ['task', 'insn', 'addr', 'src', 'n', 'rf', 'mode', 'ok'],
  nops: ['task', 'from', 'rf', 'mode'],
  sys: ['task', 'call', 'a', 'b', 'c', 'addr', 'len', 'mode'],
  remote_write: ['task', 'addr', 'via'],
  self_store: ['addr'],
  open: ['target', 'cpu', 'group', 'as', 'attr'],
  close: ['ev'],
  ioctl: ['ev', 'cmd', 'arg', 'flag'],
  modify: ['ev', 'as', 'attr'],
  read: ['ev'],
  mmap: ['ev', 'pages'],
  signal: ['ev', 'sig'],
};

/** Ops that the recorder knows. */
export const OPS: readonly string[] = Object.keys(ARGUMENTS);

/** A transcript's script that the recorder has no op for. */
export class UnknownOpError extends Error {
  override readonly name = 'UnknownOpError';
}

/** What a step asked. */
export function argumentsOf(step: Step): PlannedStep {
  const names = Object.hasOwn(ARGUMENTS, step.op) ? ARGUMENTS[step.op] : undefined;
  if (names === undefined) throw new UnknownOpError(`the recorder has no op ${step.op}`);
  const wanted: Record<string, Value> = {};
  for (const name of names) {
    const value = step[name];
    if (value !== undefined) wanted[name] = value;
  }
  return { op: step.op, ...wanted };
}

/** A recorded script as one to record again: what it asked, without what came of it. */
export function planOf({ suite, id, setup, steps }: Script): Plan {
  // Facts of the machine belong to the recording, not to the script.
  const { machine: _machine, ...rest } = setup;
  return { suite, id, setup: rest, steps: steps.map(argumentsOf) };
}

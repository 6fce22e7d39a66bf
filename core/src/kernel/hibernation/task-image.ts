import { KernelError } from '../../errors/index.js';
import type { AddressSpace } from '../../hardware/index.js';
import { readContext, writeContext } from '../../hardware/index.js';
import { bits, type ImageReader, type ImageValue, notWritable } from '../../image/index.js';
import { type Code, loadProgram, type Program } from '../../programs/index.js';
import type { ExitStatus } from '../child-changes.js';
import { type Frame, type FrameKind, PROGRAM_FRAME, SignalFrame } from '../frame.js';
import { actionOf, type SignalHandler } from '../signal-action.js';
import { checkSignal, type SignalInfo, type SignalName } from '../signals.js';
import type { KernelProcess, KernelTask, KernelTaskOptions } from '../task.js';
import type { TaskState } from '../task-state.js';

/** What a task's image refers to. */
export interface TaskImageParts {
  readonly code: Code;
  /** What a system call's program is on a stack. */
  readonly systemCall: FrameKind;
  /** The kinds of state that parts keep with tasks, in order. */
  readonly states: readonly TaskState<unknown>[];
  /** Address spaces by number. */
  readonly spaces: readonly AddressSpace[];
}

const RUN_STATES = ['running', 'stopped', 'waiting'] as const;

function kindsOf({ systemCall }: TaskImageParts): readonly FrameKind[] {
  return [PROGRAM_FRAME, systemCall];
}

function saveProgram(program: Program, task: KernelTask, code: Code): ImageValue {
  try {
    if (program.save !== undefined) return { ...program.save(code) };
  } catch (error) {
    throw error instanceof KernelError ? notWritable(`task ${task}: ${error.reason}`) : error;
  }
  throw notWritable(`task ${task} executes a program that has no save: make it of a list of instructions`);
}

function saveFrame({ program, interrupted, kind }: Frame, task: KernelTask, parts: TaskImageParts): ImageValue {
  const signal = kind instanceof SignalFrame;
  if (!signal && !kindsOf(parts).includes(kind)) {
    throw notWritable(
      `task ${task} is in a ${kind.name}, a kind of frame that has no name in an image; run it to its end`,
    );
  }
  return {
    kind: kind.name,
    program: saveProgram(program, task, parts.code),
    interrupted: interrupted === undefined ? null : writeContext(interrupted),
    ...(signal ? { blocked: [...kind.blocked] } : {}),
  };
}

function loadFrame(from: ImageReader, parts: TaskImageParts): Frame {
  const interrupted = from.field('interrupted');
  const name = from.field('kind').text();
  const blocked = from.field('blocked');
  const kind = blocked.absent
    ? kindsOf(parts).find((one) => one.name === name)
    : new SignalFrame(new Set(blocked.list().map(signalName)));
  if (kind === undefined) throw from.field('kind').invalid('the name of a kind of frame');
  return {
    program: loadProgram(from.field('program'), parts.code),
    interrupted: interrupted.absent ? undefined : readContext(interrupted),
    kind,
  };
}

/** A signal as an image has it. */
export function saveSignal({ si_signo, si_code, si_addr, si_perf_data, ...rest }: SignalInfo): ImageValue {
  return {
    si_signo,
    si_code,
    ...rest,
    ...(si_addr === undefined ? {} : { si_addr: bits(si_addr) }),
    ...(si_perf_data === undefined ? {} : { si_perf_data: bits(si_perf_data) }),
  };
}

/** The way back. */
export function loadSignal(from: ImageReader): SignalInfo {
  const info: Record<string, unknown> = {
    si_signo: from.field('si_signo').text(),
    si_code: from.field('si_code').number(-0x8000_0000, 0x7fff_ffff),
  };
  for (const name of ['si_addr', 'si_perf_data']) if (!from.field(name).absent) info[name] = from.field(name).bits();
  for (const name of ['si_errno', 'si_pid', 'si_status', 'si_fd', 'si_perf_type', 'si_perf_flags']) {
    if (!from.field(name).absent) info[name] = from.field(name).number(Number.MIN_SAFE_INTEGER);
  }
  return checked(() => checkSignal(info as unknown as SignalInfo), from, 'a signal');
}

/** What throws a TypeError for a bad argument says of an image that it is wrong. */
function checked<T>(check: () => T, from: ImageReader, what: string): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof TypeError ? from.invalid(`${what}: ${error.message}`) : error;
  }
}

/** How a task ends, from an image. */
export function loadExit(from: ImageReader): ExitStatus {
  const signal = from.field('signal');
  return signal.absent ? { code: from.field('code').number(Number.MIN_SAFE_INTEGER) } : { signal: signalName(signal) };
}

/** A task that is on no CPU, as data. */
export function saveTask(task: KernelTask, parts: TaskImageParts): ImageValue {
  const { parent, affinity } = task;
  if (task.work.length > 0) throw notWritable(`task ${task} has work left to do: let it execute`);
  return {
    pid: task.pid,
    tgid: task.tgid,
    comm: task.comm,
    // A dead parent is nobody's any more.
    parent: parent?.alive === true ? parent.pid : null,
    memory: parts.spaces.indexOf(task.memory),
    state: task.state,
    affinity: affinity === undefined ? null : [...affinity],
    cpu: task.cpu,
    instructions: task.instructions,
    kernelThread: task.kernelThread,
    privileged: task.privileged,
    uid: task.uid,
    compat: task.compat,
    context: writeContext(task.context.save()),
    stack: task.stack.map((frame) => saveFrame(frame, task, parts)),
    pending: task.pending.map(saveSignal),
    blocked: [...task.blocked],
    handlers: [...task.handlers.keys()].map((signal) => {
      const { sa_handler, sa_mask, sa_flags } = actionOf(task.handlers, signal);
      const what = `the handler of ${signal} of task ${task}`;
      const handler = typeof sa_handler === 'function' ? parts.code.nameOf(sa_handler, what) : null;
      return [signal, handler, [...sa_mask], sa_flags >>> 0];
    }),
    stopSignal: task.stopSignal ?? null,
    forcedStep: task.forcedStep,
    exiting: task.exiting === undefined ? null : { ...task.exiting },
    states: parts.states.map((state) => state.save(task) ?? null),
  };
}

/** What a task of an image is made with. `parent`: the one of a pid. */
export function taskOptions(
  from: ImageReader,
  parts: TaskImageParts,
  parent: (pid: number) => KernelTask | undefined,
  process: (tgid: number) => KernelProcess,
): KernelTaskOptions {
  const memory = parts.spaces[from.field('memory').number(1, parts.spaces.length - 1)] as AddressSpace;
  const above = from.field('parent');
  const found = above.absent ? undefined : parent(above.number(1));
  return {
    pid: from.field('pid').number(1),
    tgid: from.field('tgid').number(1),
    comm: from.field('comm').text(),
    ...(found === undefined ? {} : { parent: found }),
    memory,
    cpu: from.field('cpu').number(),
    process: process(from.field('tgid').number(1)),
  };
}

/** Everything else of it. */
export function loadTask(task: KernelTask, from: ImageReader, parts: TaskImageParts): void {
  const affinity = from.field('affinity');
  task.state = from.field('state').oneOf(...RUN_STATES);
  task.affinity = affinity.absent ? undefined : new Set(affinity.list().map((one) => one.number()));
  task.instructions = from.field('instructions').number();
  task.kernelThread = from.field('kernelThread').flag();
  task.privileged = from.field('privileged').flag();
  task.uid = from.field('uid').number(Number.MIN_SAFE_INTEGER);
  task.compat = !from.field('compat').absent && from.field('compat').flag();
  task.context.restore(readContext(from.field('context')));
  for (const frame of from.field('stack').list()) task.stack.push(loadFrame(frame, parts));
  for (const signal of from.field('pending').list()) task.pending.push(loadSignal(signal));
  for (const signal of from.field('blocked').list()) task.blocked.add(signalName(signal));
  for (const one of from.field('handlers').list()) {
    const [signal, handler, mask, flags] = one.list();
    if (signal === undefined || handler === undefined || mask === undefined || flags === undefined) {
      throw one.invalid('a signal, its handler, mask and flags');
    }
    const sa_handler = handler.absent ? 'ignore' : (parts.code.find(handler.text()) as SignalHandler);
    const [sa_mask, sa_flags] = [mask.list().map(signalName), flags.number(0, 0xffff_ffff)];
    const plain = sa_mask.length === 0 && sa_flags === 0;
    task.handlers.set(signalName(signal), plain ? sa_handler : { sa_handler, sa_mask, sa_flags });
  }
  const [stopSignal, exiting] = [from.field('stopSignal'), from.field('exiting')];
  task.stopSignal = stopSignal.absent ? undefined : signalName(stopSignal);
  task.forcedStep = from.field('forcedStep').flag();
  task.exiting = exiting.absent ? undefined : loadExit(exiting);
  const states = from.field('states').list();
  if (states.length !== parts.states.length) throw from.field('states').invalid(`${parts.states.length} states`);
  for (const [index, state] of states.entries()) if (!state.absent) parts.states[index]?.restore(task, state);
}

/** The name of a signal. */
export function signalName(from: ImageReader): SignalName {
  const si_signo = from.text() as SignalName;
  return checked(() => checkSignal({ si_signo, si_code: 0 }), from, 'a signal').si_signo;
}

import {
  type ChildChange,
  numberOf,
  type Program,
  type ProgramFactory,
  SYSTEM_CALL_ABI,
  type SystemCall,
  type SystemCallHandler,
  SystemCallRestart,
  type Task,
  type WaitOptions,
} from '@hwbp/core';
import { callError } from '../errors.js';
import { int, long, partsOf } from '../parts.js';

/** A program that execve finds: what it is told of how it was called. */
export interface Execution {
  readonly path: string;
  readonly argv: readonly string[];
  readonly envp: readonly string[];
  readonly task: Task;
}

/** Programs by path. */
export type ProgramTable = Readonly<Record<string, ProgramFactory<[execution: Execution]>>>;

/** What a child executes whose parent's program cannot be copied; `undefined`: nobody knows. */
export type ChildProgram = (call: SystemCall) => ProgramFactory | undefined;

const SIGCHLD = 17n;
const WNOHANG = 1;
const WUNTRACED = 2;
const WCONTINUED = 8;
const WALL = 0x4000_0000;
/** Characters of a path (Linux: PATH_MAX). */
const PATH_MAX = 4096;
const MOST_TEXTS = 1024;

export const getpid: SystemCallHandler = function getpid({ task }) {
  return task.tgid;
};

export const gettid: SystemCallHandler = function gettid({ task }) {
  return task.pid;
};

/** 0 for a task that nobody has made. */
export const getppid: SystemCallHandler = function getppid({ task }) {
  return task.parent?.tgid ?? 0;
};

/** Whoever waits for the CPU has it first. */
export const schedYield: SystemCallHandler = function sched_yield({ machine, task }) {
  machine.schedule(task.cpu);
  return 0;
};

/** exit(2): one thread ends. */
export const exit: SystemCallHandler = function exit({ machine, task, args: [status] }) {
  machine.exit(task, { code: int(status) & 0xff });
  return 0;
};

/** exit_group(2): the process ends. */
export const exitGroup: SystemCallHandler = function exit_group({ machine, task, args: [status] }) {
  machine.exitGroup(task, { code: int(status) & 0xff });
  return 0;
};

/** What a child executes: a copy of what its parent does, from behind the call on. */
function childProgram(call: SystemCall, instead: ChildProgram | undefined): ProgramFactory {
  const { task } = call;
  const beneath = task.stack.slice(0, -1).filter(({ program }) => program.state !== 'done');
  const [frame] = beneath;
  const copy = beneath.length === 1 ? frame?.program.copy?.() : undefined;
  if (copy !== undefined) return (): Program => copy;
  const other = instead?.(call);
  if (other !== undefined) return other;
  const why = beneath.length > 1 ? 'it is in a handler of a signal' : 'its program is a generator, or has no copy()';
  throw new TypeError(
    `what task ${task} executes cannot be copied for a child: ${why}; make it of a list of instructions or a routine, or say what children execute with linuxSystemCalls({ child })`,
  );
}

/** fork(2), for tasks whose program can be copied, or whose children somebody knows the program of. */
export function forkWith(instead: ChildProgram | undefined): SystemCallHandler {
  return function fork(call) {
    const { machine, task, get } = call;
    const child = machine.fork(task, childProgram(call, instead));
    get(SYSTEM_CALL_ABI).setResult(child.context, 0n);
    return child.pid;
  };
}

/** clone(2) with SIGCHLD and no flag, which is fork. Others are EINVAL. */
export function cloneWith(instead: ChildProgram | undefined): SystemCallHandler {
  const fork = forkWith(instead);
  return function clone(call) {
    const [flags = 0n] = call.args;
    if (flags !== SIGCHLD) {
      throw callError('CALL_BAD_ARGUMENT', `clone takes SIGCHLD and no flag here, got 0x${flags.toString(16)}`);
    }
    return fork(call);
  };
}

/** execve(2), of a program of the table. ENOENT for a path that it does not have. */
export function execveFrom(programs: ProgramTable): SystemCallHandler {
  return function* execve(call) {
    const { machine, task } = call;
    const [where = 0n, argumentList = 0n, environment = 0n] = call.args;
    const { memory } = partsOf(call);
    const path = yield* memory.loadText(task, where, PATH_MAX);
    const argv = yield* memory.loadTexts(task, argumentList, MOST_TEXTS);
    const envp = yield* memory.loadTexts(task, environment, MOST_TEXTS);
    const factory = Object.hasOwn(programs, path) ? programs[path] : undefined;
    if (factory === undefined) {
      const known = Object.keys(programs).join(', ') || 'none';
      throw callError('CALL_NO_PROGRAM', `no program is at '${path}'; there are ${known}`, { path });
    }
    machine.exec(task, () => factory({ path, argv, envp, task }), { comm: path.slice(path.lastIndexOf('/') + 1) });
    return 0;
  };
}

/** A status as waitpid stores it (include/uapi/linux/wait.h). */
function statusOf(change: ChildChange): number {
  if ('code' in change) return (change.code & 0xff) << 8;
  if ('signal' in change) return numberOf(change.signal);
  if ('stopped' in change) return (numberOf(change.stopped) << 8) | 0x7f;
  return 0xffff;
}

/** Which children are waited for. Processes have no groups here: all are of one. */
function waitOptions(call: SystemCall): WaitOptions & { readonly hang: boolean } {
  const [who, , how, usage = 0n] = call.args;
  const options = int(how);
  if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED | WALL)) !== 0) {
    throw callError('CALL_BAD_ARGUMENT', `wait4 has WNOHANG, WUNTRACED and WCONTINUED, got 0x${options.toString(16)}`);
  }
  if (usage !== 0n) throw callError('CALL_BAD_ARGUMENT', 'nobody counts what children use: pass a null pointer');
  const pid = int(long(call, who));
  if (pid < -1) throw callError('CALL_BAD_ARGUMENT', `there is no process group ${-pid}: pass a pid, or -1 for any`);
  return {
    ...(pid > 0 ? { pid } : {}),
    untraced: (options & WUNTRACED) !== 0,
    continued: (options & WCONTINUED) !== 0,
    hang: (options & WNOHANG) === 0,
  };
}

/** wait4(2), without what children have used. A signal has it made again. */
export const wait4: SystemCallHandler = function* wait4(call) {
  const { machine, task } = call;
  const [, where = 0n] = call.args;
  const { hang, ...options } = waitOptions(call);
  const { memory, children } = partsOf(call);
  if (where !== 0n) memory.check(task, where, 4, true);
  for (;;) {
    const child = machine.children.wait(task, options);
    if (child !== undefined) {
      if (where !== 0n) yield* memory.storeInteger(task, where, 4, BigInt(statusOf(child.change)));
      return child.pid;
    }
    if (!hang) return 0;
    const [ended] = yield children.of(task.tgid).wait();
    if (ended === 1n) throw new SystemCallRestart('ERESTARTSYS');
  }
};

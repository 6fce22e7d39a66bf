import { highHalf, joinHalves, lowHalf } from '../hardware/index.js';
import type { Task } from '../kernel/index.js';
import type { UserArea, UserAreaField } from './user-area.js';

/** How a register of a task is accessed that is no plain general register. */
export interface TaskRegisterAccess {
  read(task: Task): bigint;
  write(task: Task, value: bigint): void;
}

/** A `struct user` in which general registers come first, one word each. */
export interface UserAreaFields {
  /** Bytes in a word. */
  readonly wordSize: 4 | 8;
  /** In order, from offset 0. */
  readonly generalRegisters: readonly string[];
  /** Name of the program counter among them. */
  readonly counter: string;
  /** Bytes in the structure. Default: as many as the general registers have. */
  readonly size?: number;
  /** Where the debug registers lie, and how many there are. Default: they are no part of it. */
  readonly debug?: { readonly offset: number; readonly count: number };
  /** Registers with an access of their own. */
  readonly special?: Readonly<Record<string, TaskRegisterAccess>>;
}

const UNUSED: UserAreaField = Object.freeze({ kind: 'unused' });

/** Where a task goes on, as its debugger sees it. Writing it calls off what the instruction still had to complete. */
export const TASK_COUNTER: TaskRegisterAccess = Object.freeze({
  read: ({ resumePoint }: Task) => joinHalves(resumePoint.pcHi, resumePoint.pcLo),
  write(task: Task, value: bigint) {
    const { resumePoint } = task;
    if (TASK_COUNTER.read(task) === value) return;
    resumePoint.pcHi = highHalf(value);
    resumePoint.pcLo = lowHalf(value);
    task.context.completion = undefined;
  },
});

/** A user area of a list of registers. Values are cut to a word. */
export function describeUserArea(fields: UserAreaFields): UserArea {
  const { wordSize, generalRegisters, counter, debug, special = {} } = fields;
  const { size = wordSize * generalRegisters.length } = fields;
  const general = generalRegisters.map((name): UserAreaField => Object.freeze({ kind: 'general', name }));
  const debugFields = Array.from(
    { length: debug?.count ?? 0 },
    (_, register): UserAreaField => Object.freeze({ kind: 'debug', register }),
  );
  const accessOf = (name: string): TaskRegisterAccess | undefined => (name === counter ? TASK_COUNTER : special[name]);
  return {
    wordSize,
    size,
    generalRegisters: Object.freeze([...generalRegisters]),
    field(offset) {
      if (!Number.isInteger(offset) || offset < 0 || offset >= size || offset % wordSize !== 0) return undefined;
      const behind = debug === undefined ? -1 : (offset - debug.offset) / wordSize;
      return general[offset / wordSize] ?? debugFields[behind] ?? UNUSED;
    },
    debugOffset: (register) => (debug === undefined ? undefined : debug.offset + wordSize * register),
    getRegister: (task, name) => accessOf(name)?.read(task) ?? task.context.get(name),
    setRegister(task, name, value) {
      const cut = BigInt.asUintN(8 * wordSize, value);
      const access = accessOf(name);
      if (access === undefined) task.context.set(name, cut);
      else access.write(task, cut);
    },
  };
}

import { NT_ARM_HW_BREAK, NT_ARM_HW_WATCH } from '@hwbp/arch-arm64';
import {
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  hex,
  PPC_BREAKPOINT_CONDITION_NONE,
  PPC_BREAKPOINT_MODE_EXACT,
  PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE,
  PPC_BREAKPOINT_TRIGGER_READ,
  PPC_BREAKPOINT_TRIGGER_WRITE,
  type Task,
} from '@hwbp/core';
import type { Tracer } from '@hwbp/ptrace';
import type { DebuggerInterface } from '../models.js';
import type { WatchSetting } from './setting.js';

/** How a debugger writes its watches into what an architecture shows of debug registers. */
export interface Registers {
  /** Writes a watch into a register by number; throws what that is refused with. */
  set(task: Task, number: number, setting: WatchSetting): void;
  clear(task: Task, number: number): void;
  /** Of a stopped task: what its debug registers say about the stop; absent: they say nothing. */
  readonly status?: (task: Task) => DebugStatus;
}

/** What debug registers say about a stop. */
export interface DebugStatus {
  /** Registers that were hit. */
  readonly hit: readonly number[];
  /** In words. */
  readonly text: string;
}

const X86_TYPES: Readonly<Record<number, bigint>> = {
  [HW_BREAKPOINT_X]: 0n,
  [HW_BREAKPOINT_W]: 1n,
  [HW_BREAKPOINT_RW]: 3n,
  // There is no register for loads alone: gdb asks for both.
  [HW_BREAKPOINT_R]: 3n,
};
const X86_LENGTHS: Readonly<Record<number, bigint>> = { 1: 0n, 2: 1n, 4: 3n, 8: 2n };
const DR6 = 6;
const DR7 = 7;
const X86_REGISTERS = [0, 1, 2, 3];

/** DR0 to DR3, DR6 and DR7, words of `struct user`. */
function x86(tracer: Tracer): Registers {
  const control = (task: Task, number: number, value: bigint): void => {
    const offset = tracer.debugOffset(DR7);
    const others = tracer.peekUser(task, offset) & ~((0xfn << BigInt(16 + 4 * number)) | (3n << BigInt(2 * number)));
    tracer.pokeUser(task, offset, others | value);
  };
  return {
    set(task, number, { bp_addr, bp_type, bp_len }) {
      tracer.pokeUser(task, tracer.debugOffset(number), bp_addr);
      const length = bp_type === HW_BREAKPOINT_X ? 0n : (X86_LENGTHS[bp_len] ?? 3n);
      const field = (length << 2n) | (X86_TYPES[bp_type] ?? 1n);
      control(task, number, (field << BigInt(16 + 4 * number)) | (1n << BigInt(2 * number)));
    },
    clear: (task, number) => control(task, number, 0n),
    status(task) {
      const dr6 = tracer.peekUser(task, tracer.debugOffset(DR6));
      const hit = X86_REGISTERS.filter((number) => ((dr6 >> BigInt(number)) & 1n) === 1n);
      return { hit, text: `DR6 ${hex(dr6)}${hit.length === 0 ? '' : `: ${hit.map((one) => `B${one}`).join(', ')}`}` };
    },
  };
}

/** PPC_PTRACE_SETHWDEBUG and DELHWDEBUG. */
function ppc64(tracer: Tracer): Registers {
  const handles = new Map<string, number>();
  const key = ({ pid }: Task, number: number): string => `${pid} ${number}`;
  return {
    set(task, number, { bp_addr, bp_type, bp_len }) {
      const triggers =
        (bp_type & HW_BREAKPOINT_R ? PPC_BREAKPOINT_TRIGGER_READ : 0) |
        (bp_type & HW_BREAKPOINT_W ? PPC_BREAKPOINT_TRIGGER_WRITE : 0);
      const handle = tracer.setHwDebug(task, {
        version: 1,
        trigger_type: bp_type === HW_BREAKPOINT_X ? 1 : triggers,
        addr_mode: bp_len === 1 ? PPC_BREAKPOINT_MODE_EXACT : PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE,
        condition_mode: PPC_BREAKPOINT_CONDITION_NONE,
        addr: bp_addr,
        addr2: bp_len === 1 ? 0n : bp_addr + BigInt(bp_len),
        condition_value: 0n,
      });
      handles.set(key(task, number), handle);
    },
    clear(task, number) {
      const handle = handles.get(key(task, number));
      handles.delete(key(task, number));
      if (handle !== undefined) tracer.delHwDebug(task, handle);
    },
  };
}

/** Bytes of struct user_hwdebug_state in front of its entries, and of an entry. */
const HEADER = 8;
const ENTRY = 16;

/** NT_ARM_HW_WATCH and NT_ARM_HW_BREAK: entries of an address and a control word. */
function arm64(tracer: Tracer): Registers {
  const write = (task: Task, set: number, number: number, address: bigint, control: number): void => {
    const bytes = tracer.getRegSet(task, set, HEADER + ENTRY * (number + 1)).slice();
    const view = new DataView(bytes.buffer);
    view.setBigUint64(HEADER + ENTRY * number, address, true);
    view.setUint32(HEADER + ENTRY * number + 8, control, true);
    tracer.setRegSet(task, set, bytes);
  };
  const sets = new Map<string, number>();
  return {
    set(task, number, { bp_addr, bp_type, bp_len }) {
      const execute = bp_type === HW_BREAKPOINT_X;
      const set = execute ? NT_ARM_HW_BREAK : NT_ARM_HW_WATCH;
      const select = execute ? 0xf : ((1 << bp_len) - 1) << Number(bp_addr & 7n);
      // E, EL0, LSC (the bits of bp_type are those of the field), BAS.
      write(
        task,
        set,
        number,
        execute ? bp_addr : bp_addr & ~7n,
        1 | (2 << 1) | ((execute ? 0 : bp_type) << 3) | ((select & 0xff) << 5),
      );
      sets.set(`${task.pid} ${number}`, set);
    },
    clear(task, number) {
      const set = sets.get(`${task.pid} ${number}`);
      if (set !== undefined) write(task, set, number, 0n, 0);
    },
  };
}

/** Pairs of an address and a control register. */
function pairs(tracer: Tracer): Registers {
  return {
    set(task, number, { bp_addr, bp_type, bp_len }) {
      tracer.setDebugReg(task, 2 * number, bp_addr);
      tracer.setDebugReg(task, 2 * number + 1, 1n | (BigInt(bp_type) << 1n) | (BigInt(bp_len) << 8n));
    },
    clear: (task, number) => tracer.setDebugReg(task, 2 * number + 1, 0n),
  };
}

const INTERFACES: Readonly<Record<DebuggerInterface, (tracer: Tracer) => Registers>> = { x86, ppc64, arm64, pairs };

/** What a debugger writes to on an architecture. */
export function registersOf(kind: DebuggerInterface, tracer: Tracer): Registers {
  return INTERFACES[kind](tracer);
}

/** Names of what ptrace shows of a task's debug registers by number, of which there are `count`. */
export function debugRegisterNames(kind: DebuggerInterface, count: number): readonly (readonly [string, number])[] {
  if (kind === 'x86') return [...X86_REGISTERS, DR6, DR7].map((number) => [`DR${number}`, number]);
  // Watches have handles there.
  if (kind === 'ppc64') return [];
  return Array.from({ length: count }, (_, number) => [`${number & 1 ? 'control' : 'address'} ${number >> 1}`, number]);
}

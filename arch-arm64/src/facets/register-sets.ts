import { coreError, NT_PRSTATUS, type RegisterSet, type RegisterSets, type Task, type UserArea } from '@hwbp/core';
import type { ResolvedFeatures } from '../features.js';
import type { SetKind } from './control-request.js';
import { MOST_ENTRIES } from './linux-entries.js';
import type { TaskEntries, WrittenEntry } from './task-entries.js';

/** include/uapi/linux/elf.h: breakpoints and watchpoints of a task. */
export const NT_ARM_HW_BREAK = 0x402;
export const NT_ARM_HW_WATCH = 0x403;

/** Bytes of struct user_hwdebug_state: dbg_info and a pad, then entries of an address, a control word and a pad. */
const HEADER = 8;
const ADDRESS_SIZE = 8;
const CONTROL_SIZE = 4;
const ENTRY = 16;
const SIZE = HEADER + MOST_ENTRIES * ENTRY;

function readHardware(task: Task, kind: SetKind, entries: TaskEntries, info: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(SIZE));
  view.setUint32(0, info, true);
  for (let index = 0; index < MOST_ENTRIES; index++) {
    const { address, control } = entries.read(task, kind, index);
    view.setBigUint64(HEADER + index * ENTRY, address, true);
    view.setUint32(HEADER + index * ENTRY + ADDRESS_SIZE, Number(BigInt.asUintN(32, control)), true);
  }
  return new Uint8Array(view.buffer);
}

/** The entries that bytes reach, and whether they end inside of an address. */
function entriesOf(bytes: Uint8Array): { readonly entries: readonly WrittenEntry[]; readonly cut: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: WrittenEntry[] = [];
  for (let at = HEADER; at < bytes.length; at += ENTRY) {
    if (bytes.length - at < ADDRESS_SIZE) return { entries, cut: true };
    const behind = at + ADDRESS_SIZE;
    const control = bytes.length - behind < CONTROL_SIZE ? undefined : BigInt(view.getUint32(behind, true));
    entries.push({ address: view.getBigUint64(at, true), control });
  }
  return { entries, cut: false };
}

/** NT_ARM_HW_BREAK and NT_ARM_HW_WATCH (arch/arm64/kernel/ptrace.c: hw_break_get, hw_break_set). */
function hardwareSet(kind: SetKind, entries: TaskEntries, { brps, wrps, debugArch }: ResolvedFeatures): RegisterSet {
  const info = (debugArch << 8) | (kind === 'break' ? brps : wrps);
  return {
    size: SIZE,
    elementSize: 4,
    read: (task, length) => readHardware(task, kind, entries, info).slice(0, length),
    write(task, bytes) {
      const { entries: written, cut } = entriesOf(bytes);
      const error = coreError('HWBP_ARCH_INVALID', `${bytes.length} bytes end inside of the address of an entry`);
      if (cut && entries.atomic) throw error;
      entries.write(task, kind, written);
      if (cut) throw error;
    },
  };
}

/** NT_PRSTATUS: struct user_pt_regs, words of 8 bytes. */
function generalSet(area: UserArea): RegisterSet {
  const { generalRegisters, wordSize } = area;
  return {
    size: wordSize * generalRegisters.length,
    elementSize: wordSize,
    read(task, length) {
      const view = new DataView(new ArrayBuffer(wordSize * generalRegisters.length));
      for (const [i, name] of generalRegisters.entries()) {
        view.setBigUint64(i * wordSize, area.getRegister(task, name), true);
      }
      return new Uint8Array(view.buffer, 0, length);
    },
    write(task, bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let i = 0; i < bytes.length / wordSize; i++) {
        area.setRegister(task, generalRegisters[i] as string, view.getBigUint64(i * wordSize, true));
      }
    },
  };
}

/** The sets that a debugger of arm64 works with. */
export function arm64RegisterSets(entries: TaskEntries, area: UserArea, features: ResolvedFeatures): RegisterSets {
  return {
    sets: new Map([
      [NT_PRSTATUS, generalSet(area)],
      [NT_ARM_HW_BREAK, hardwareSet('break', entries, features)],
      [NT_ARM_HW_WATCH, hardwareSet('watch', entries, features)],
    ]),
  };
}

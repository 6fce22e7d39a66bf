import { describeTarget, type TargetDescription } from '@hwbp/core';
import { X_REGISTERS } from './registers.js';

const POINTERS: Readonly<Record<string, string>> = {
  ra: 'code_ptr',
  pc: 'code_ptr',
  sp: 'data_ptr',
  gp: 'data_ptr',
  tp: 'data_ptr',
  fp: 'data_ptr',
};

/** GDB's name of the frame pointer. */
const gdbName = (name: string): string => (name === 's0' ? 'fp' : name);

/** x0 to x31 and pc: the feature that GDB wants of every RISC-V target ("RISC-V Features" in its manual). */
export function targetDescription(): TargetDescription {
  const names = [...X_REGISTERS.map(gdbName), 'pc'];
  return describeTarget(
    {
      architecture: 'riscv:rv64',
      byteOrder: 'little',
      counter: 'pc',
      expedited: ['pc', 'sp', 'fp'],
      features: [
        {
          name: 'org.gnu.gdb.riscv.cpu',
          registers: names.map((name) => ({ name, bits: 64, type: POINTERS[name] ?? 'int' })),
        },
      ],
    },
    { kept: { fp: 's0' }, special: { zero: { read: () => 0n, write() {} } } },
  );
}

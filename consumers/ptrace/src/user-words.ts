import type { KernelError, Task, UserArea, UserDebugRegisters } from '@hwbp/core';
import { ptraceError } from './errors.js';

/** The words of `struct user` of a stopped task: general registers and debug registers. */
export class UserWords {
  readonly area: UserArea;
  readonly #debug: UserDebugRegisters;

  constructor(area: UserArea, debug: UserDebugRegisters) {
    this.area = area;
    this.#debug = debug;
  }

  /** EIO where debug registers are no words of it. */
  debugOffset(register: number): number {
    const offset = this.area.debugOffset(register);
    if (offset !== undefined) return offset;
    const message = 'the user area has no debug registers here: use getDebugReg and setDebugReg';
    throw ptraceError('PTRACE_BAD_OFFSET', message, { register });
  }

  /** EIO outside the structure and between words. */
  peek(task: Task, offset: number): bigint {
    const field = this.area.field(offset);
    if (field === undefined) throw this.#badOffset(offset);
    if (field.kind === 'general') return this.area.getRegister(task, field.name);
    return field.kind === 'debug' ? this.#debug.read(task, field.register) : 0n;
  }

  /** EIO outside the structure, between words, and for words that hold nothing. */
  poke(task: Task, offset: number, value: bigint): void {
    const field = this.area.field(offset);
    if (field === undefined || field.kind === 'unused') throw this.#badOffset(offset);
    if (field.kind === 'general') this.area.setRegister(task, field.name, value);
    else this.#debug.write(task, field.register, value);
  }

  /** Every general register by name. */
  getRegs(task: Task): Record<string, bigint> {
    return Object.fromEntries(this.area.generalRegisters.map((name) => [name, this.area.getRegister(task, name)]));
  }

  /** All that are given, or none: EIO if one has no such name. */
  setRegs(task: Task, registers: Readonly<Record<string, bigint>>): void {
    const { generalRegisters: known } = this.area;
    for (const name of Object.keys(registers)) {
      if (known.includes(name)) continue;
      const message = `there is no register '${name}'; there are ${known.join(', ')}`;
      throw ptraceError('PTRACE_BAD_REGISTER', message, { name });
    }
    for (const [name, value] of Object.entries(registers)) this.area.setRegister(task, name, value);
  }

  #badOffset(offset: number): KernelError {
    const { size, wordSize } = this.area;
    const message = `no word of the user area can be used so at offset ${offset}: it has ${size} bytes in words of ${wordSize}`;
    return ptraceError('PTRACE_BAD_OFFSET', message, { offset });
  }
}

import type { Context, Cpu } from '@hwbp/core';
import { FLAG_FIXED, FLAG_IF, FLAG_IOPL, FLAG_RF, FLAG_TF, POPPED } from './guest-flags.js';

/** How a guest's CPU is set up: real mode, or 64-bit mode at CPL 0 or 3. */
export type GuestMode = 'real' | 'k64' | 'u64';

/** Where a CPU is after a reset, and what EDX then says of it. */
export const RESET_PC = 0xfff0n;
const RESET_CS = 0xf000n;
const SIGNATURE = 0x600n;

/** The registers of one virtual CPU as the guest's instructions see them. Debug registers are the CPU's own. */
export class GuestCpu {
  readonly cpu: Cpu;
  readonly context: Context;
  /** @settable */
  mode: GuestMode;
  /** Interrupts wait for one more instruction (behind STI). @settable */
  shadowed = false;

  /** `context`: the registers that the CPU works with. */
  constructor(cpu: Cpu, context: Context, mode: GuestMode) {
    this.cpu = cpu;
    this.context = context;
    this.mode = mode;
  }

  get real(): boolean {
    return this.mode === 'real';
  }

  /** Bytes of a register as instructions use it by default. */
  get wordSize(): number {
    return this.real ? 4 : 8;
  }

  /** Its code may do everything. */
  get privileged(): boolean {
    return this.context.mode !== 'user';
  }

  get(register: string): bigint {
    return this.context.get(register);
  }

  /** Writes a whole register, of 32 bits in real mode. */
  set(register: string, value: bigint): void {
    this.context.set(register, BigInt.asUintN(8 * this.wordSize, value));
  }

  /** Writes the low bytes of a register: 4 of them clear the rest. */
  setLow(register: string, value: bigint, size: number): void {
    const low = BigInt.asUintN(8 * size, value);
    const rest = size >= 4 ? 0n : (this.get(register) >> BigInt(8 * size)) << BigInt(8 * size);
    this.set(register, rest | low);
  }

  /** The stack pointer; of 16 bits in real mode. */
  get stack(): bigint {
    return this.real ? this.get('rsp') & 0xffffn : this.get('rsp');
  }

  set stack(address: bigint) {
    if (this.real) this.setLow('rsp', address, 2);
    else this.set('rsp', address);
  }

  /** The stack pointer, moved. */
  stackAt(offset: number): bigint {
    return BigInt.asUintN(this.real ? 16 : 64, this.stack + BigInt(offset));
  }

  /** RFLAGS without TF and RF. */
  get flags(): bigint {
    return this.get('rflags') | FLAG_FIXED;
  }

  set flags(flags: bigint) {
    this.context.set('rflags', (flags | FLAG_FIXED) & ~(FLAG_TF | FLAG_RF));
  }

  get interruptible(): boolean {
    return (this.flags & FLAG_IF) !== 0n;
  }

  /** RFLAGS as an exception pushes them. */
  get pushedFlags(): bigint {
    const { singleStep, resume } = this.context;
    return this.flags | (singleStep ? FLAG_TF : 0n) | (resume ? FLAG_RF : 0n);
  }

  /** POPF and IRET: the flags that they write, TF among them; RF is not. */
  popFlags(flags: bigint): void {
    const written = this.privileged ? POPPED | FLAG_IOPL : POPPED;
    this.flags = (this.flags & ~written) | (flags & written);
    this.context.singleStep = (flags & FLAG_TF) !== 0n;
  }

  /** Where execution goes on behind an instruction; IP has 16 bits in real mode. */
  behind(pc: bigint, { length }: { readonly length: number }): bigint {
    return BigInt.asUintN(this.real ? 16 : 64, pc + BigInt(length));
  }

  /** Real mode, and registers as a CPU has them that was reset. */
  powerOn(): void {
    this.mode = 'real';
    this.context.mode = 'kernel';
    this.context.registers.clear();
    this.context.set('rdx', SIGNATURE);
    this.context.set('cs', RESET_CS);
    this.context.singleStep = false;
    this.context.resume = false;
    this.context.pc = RESET_PC;
  }

  /** An integer in memory, as an instruction is about to find it; 0 where there is none. */
  peek(address: bigint, size: number): bigint {
    const memory = this.cpu.mmu.at(address);
    return memory.firstFault(address, size, false) === undefined ? memory.readInteger(address, size) : 0n;
  }
}

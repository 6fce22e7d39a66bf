import type { AddressSpace, Hardware } from '@hwbp/core';
import { BareGuest } from '../guest/bare-guest.js';
import { FirstTouches } from '../guest/first-touches.js';
import type { GuestMode } from '../guest/guest-cpu.js';
import { FLAG_IOPL } from '../guest/guest-flags.js';
import { effectOf } from '../guest/guest-instruction.js';
import { identitySpace } from '../guest/guest-memory.js';
import type { GuestHost, GuestSoftware, ProgramCode } from '../guest/guest-software.js';
import { AREA, GUEST_MEMORY, layoutOf, RECORD, RESULTS_SIZE } from './guest-layout.js';
import { GuestText } from './guest-text.js';
import { loadHandlers, vectorsOf } from './handlers.js';
import { parseInstruction } from './instruction-set.js';

/** CR4 of 64-bit modes at the start: PAE, OSFXSR, OSXMMEXCPT. */
const CR4_64 = 0x620n;

/** How a guest of suite K2 is set up. */
export interface K2GuestOptions {
  readonly mode: GuestMode;
  /** The #DB handler of virtual CPU 0. */
  readonly onDebug: ProgramCode;
  readonly payloads: boolean;
}

/** What the #DB handler has recorded: how often it ran, and of its latest run what it was entered with. */
export interface HandlerRecord {
  readonly n: number;
  readonly rip: bigint;
  /** In 64-bit modes. */
  readonly flags: bigint | undefined;
  readonly dr6: bigint | undefined;
  readonly dr7: bigint | undefined;
}

/** The software of a virtual machine of suite K2: handlers, programs, and the CPUs that execute them. */
export class K2Guest implements GuestSoftware {
  readonly mode: GuestMode;
  readonly memory: AddressSpace;
  /** KVM_CAP_EXCEPTION_PAYLOAD is on. */
  readonly payloads: boolean;
  /** The #DB handler records DR6 and DR7. */
  readonly #records: boolean;
  /** What each virtual CPU's program saves: as it was told last. */
  readonly #saved: (readonly bigint[])[] = [];
  readonly text = new GuestText();
  readonly vcpus: readonly BareGuest[];

  constructor(hardware: Hardware, { mode, onDebug, payloads }: K2GuestOptions, host: GuestHost) {
    this.payloads = payloads;
    this.mode = mode;
    this.#records = onDebug.some(([, text]) => text === 'fromdr:6');
    this.memory = identitySpace(hardware, mode === 'real' ? GUEST_MEMORY.realMapped : GUEST_MEMORY.mapped);
    const touches = new FirstTouches(hardware.memory, mode);
    this.vcpus = hardware.cpus.map((cpu, vcpu) => {
      loadHandlers(this.text, vcpu, mode === 'real', onDebug);
      return new BareGuest(cpu, { mode, code: this.text, vectors: vectorsOf(vcpu), touches, ...host });
    });
    for (const vcpu of this.vcpus.keys()) this.restart(vcpu);
  }

  isBreakpoint(pc: bigint): boolean {
    return effectOf(this.text.at(pc), (this.vcpus[0] as BareGuest).cpu).trap === 'breakpoint';
  }

  get real(): boolean {
    return this.mode === 'real';
  }

  get cr4(): bigint {
    return this.real ? 0n : CR4_64;
  }

  /** Bytes of a `save`, and of most words of a record. */
  get wordSize(): number {
    return this.real ? 4 : 8;
  }

  /** Replaces the program of a virtual CPU. */
  load(vcpu: number, program: ProgramCode): void {
    const { code, results } = layoutOf(vcpu);
    this.text.clear(code, AREA);
    let saves = 0;
    for (const [address, text] of program) {
      this.text.set(address, parseInstruction(text, this.real, results + BigInt(8 * saves)));
      if (text === 'save') saves++;
    }
    this.memory.write(results, new Uint8Array(RESULTS_SIZE));
    this.#saved[vcpu] = new Array<bigint>(saves).fill(0n);
  }

  /** What the #DB handler of a virtual CPU has recorded since this was asked last; `undefined`: it did not run. */
  takeRecord(vcpu: number): HandlerRecord | undefined {
    const { wordSize, memory, real } = this;
    const { record } = layoutOf(vcpu);
    const word = (offset: bigint): bigint => memory.readInteger(record + offset, wordSize);
    const n = Number(word(RECORD.count));
    if (n === 0) return undefined;
    memory.writeInteger(record + RECORD.count, wordSize, 0n);
    return {
      n,
      rip: word(RECORD.rip),
      flags: real ? undefined : word(RECORD.flags),
      dr6: this.#records ? word(RECORD.dr6) : undefined,
      dr7: this.#records ? word(RECORD.dr7) : undefined,
    };
  }

  /** What the program of a virtual CPU has saved; `undefined`: nothing has changed since this was asked last. */
  takeSaved(vcpu: number): readonly bigint[] | undefined {
    const { wordSize, memory } = this;
    const { results } = layoutOf(vcpu);
    const told = this.#saved[vcpu] ?? [];
    const saved = told.map((_, i) => memory.readInteger(results + BigInt(8 * i), wordSize));
    if (saved.every((value, i) => value === told[i])) return undefined;
    this.#saved[vcpu] = saved;
    return saved;
  }

  restart(vcpu: number): void {
    const guest = this.vcpus[vcpu] as BareGuest;
    const { cpu } = guest;
    const { code, kernelStack, userStack } = layoutOf(vcpu);
    const user = this.mode === 'u64';
    guest.reset();
    cpu.context.registers.clear();
    cpu.mode = this.mode;
    cpu.context.mode = user ? 'user' : 'kernel';
    cpu.context.pc = code;
    cpu.flags = user ? FLAG_IOPL : 0n;
    cpu.stack = user ? userStack : kernelStack;
  }
}

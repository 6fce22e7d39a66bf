import type { AddressSpace, Hardware } from '@hwbp/core';
import { AREA, layoutOf, RESULTS_SIZE } from '../guest-layout.js';
import { BareGuest, type BareGuestOptions } from './bare-guest.js';
import { FirstTouches } from './first-touches.js';
import type { GuestMode } from './guest-cpu.js';
import { FLAG_IOPL } from './guest-flags.js';
import { effectOf } from './guest-instruction.js';
import { identitySpace } from './guest-memory.js';
import { GuestText } from './guest-text.js';
import { type HandlerCode, loadHandlers, vectorsOf } from './handlers.js';
import { parseInstruction } from './instruction-set.js';

/** CR4 of 64-bit modes at the start: PAE, OSFXSR, OSXMMEXCPT. */
const CR4_64 = 0x620n;

/** Instructions by address, as scripts write them. */
export type ProgramCode = HandlerCode;
export type { HandlerCode };

/** What a guest tells whoever runs it. */
export type GuestHost = Pick<BareGuestOptions, 'touched' | 'shutdown'>;

/** The software of a virtual machine of suite K2: handlers, programs, and the CPUs that execute them. */
export class RecordedGuest {
  readonly mode: GuestMode;
  readonly memory: AddressSpace;
  /** The #DB handler records DR6 and DR7. */
  readonly records: boolean;
  readonly text = new GuestText();
  readonly vcpus: readonly BareGuest[];

  constructor(hardware: Hardware, mode: GuestMode, onDebug: HandlerCode, host: GuestHost) {
    this.mode = mode;
    this.records = onDebug.some(([, text]) => text === 'fromdr:6');
    this.memory = identitySpace(hardware, mode);
    const touches = new FirstTouches(hardware.memory, mode);
    this.vcpus = hardware.cpus.map((cpu, vcpu) => {
      loadHandlers(this.text, vcpu, mode === 'real', onDebug);
      return new BareGuest(cpu, { mode, code: this.text, vectors: vectorsOf(vcpu), touches, ...host });
    });
    for (const vcpu of this.vcpus.keys()) this.restart(vcpu);
  }

  /** True if an INT3 stands there. */
  isBreakpoint(pc: bigint): boolean {
    return effectOf(this.text.at(pc), (this.vcpus[0] as BareGuest).cpu).trap === 'breakpoint';
  }

  get real(): boolean {
    return this.mode === 'real';
  }

  /** Its value when a program starts. */
  get cr4(): bigint {
    return this.real ? 0n : CR4_64;
  }

  /** Bytes of a `save`, and of most words of a record. */
  get wordSize(): number {
    return this.real ? 4 : 8;
  }

  /** Replaces the program of a virtual CPU; returns how many results it saves. */
  load(vcpu: number, program: ProgramCode): number {
    const { code, results } = layoutOf(vcpu);
    this.text.clear(code, AREA);
    let saves = 0;
    for (const [address, text] of program) {
      this.text.set(address, parseInstruction(text, this.real, results + BigInt(8 * saves)));
      if (text === 'save') saves++;
    }
    this.memory.write(results, new Uint8Array(RESULTS_SIZE));
    return saves;
  }

  /** Registers as a program starts with them, but for those that whoever debugs the guest has a say in. */
  restart(vcpu: number): void {
    const guest = this.vcpus[vcpu] as BareGuest;
    const { cpu } = guest;
    const { code, kernelStack, userStack } = layoutOf(vcpu);
    const user = this.mode === 'u64';
    guest.reset();
    cpu.context.registers.clear();
    cpu.context.mode = user ? 'user' : 'kernel';
    cpu.context.pc = code;
    cpu.flags = user ? FLAG_IOPL : 0n;
    cpu.stack = user ? userStack : kernelStack;
  }
}

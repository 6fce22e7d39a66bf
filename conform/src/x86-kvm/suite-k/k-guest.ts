import type { AddressSpace, Hardware } from '@hwbp/core';
import { decodeInstruction } from '../bytes/decode.js';
import { BareGuest } from '../guest/bare-guest.js';
import { FirstTouches } from '../guest/first-touches.js';
import type { GuestMode } from '../guest/guest-cpu.js';
import { FLAG_IOPL } from '../guest/guest-flags.js';
import { identitySpace } from '../guest/guest-memory.js';
import type { GuestHost, GuestSoftware, ProgramCode } from '../guest/guest-software.js';
import { type Assembled, assemble, RESULTS } from './assemble.js';

const CODE = 0x1000n;
const CODE_SIZE = 0x1000;
/** 2 MiB; real mode reaches 1. */
export const K_FRAMES = 0x200;
const REAL_FRAMES = 0x100;
const HALT = 0xf4;
const INT3 = 0xccn;
const CR4_64 = 0x620n;
const STACK = 0x8000n;
/** DR6 and DR7 as the #DB handler has seen them. */
const RECORD = 0x3180n;
const WORD = 4;

/** Page tables of 64-bit mode: one page of 2 MiB. */
const TABLES: readonly (readonly [at: bigint, entry: bigint])[] = [
  [0x1_0000n, 0x1_1007n],
  [0x1_1000n, 0x1_2007n],
  [0x1_2000n, 0x87n],
];

/** Real-mode handlers, by vector. */
const HANDLERS: readonly (readonly [vector: number, at: bigint, bytes: readonly number[]])[] = [
  [
    1,
    0x3000n,
    [
      // mov eax, dr6; mov [0x3180], eax; mov eax, dr7; mov [0x3184], eax
      0x0f, 0x21, 0xf0, 0x66, 0xa3, 0x80, 0x31, 0x0f, 0x21, 0xf8, 0x66, 0xa3, 0x84, 0x31,
      // xor eax, eax; mov dr7, eax; out 0x71, al; iret
      0x66, 0x31, 0xc0, 0x0f, 0x23, 0xf8, 0xe6, 0x71, 0xcf,
    ],
  ],
  [3, 0x3040n, [0xe6, 0x73, 0xcf]],
  [6, 0x3080n, [0xe6, 0x76, 0xf4]],
  [13, 0x30c0n, [0xe6, 0x7d, 0xf4]],
];

/** The software of a virtual machine of suite K: bytes, in real mode, or in 64-bit user mode without any handlers. */
export class KGuest implements GuestSoftware {
  readonly real: boolean;
  readonly memory: AddressSpace;
  readonly vcpus: readonly BareGuest[];
  /** SET_SREGS writes what it has read, but for 64-bit mode. */
  readonly cr4: bigint | undefined;
  /** DR6 and DR7 of the last debug exit that had some. @settable */
  exitRegisters: Readonly<Record<string, bigint>> = {};
  readonly #mode: GuestMode;
  #results = 0;

  constructor(hardware: Hardware, real: boolean, host: GuestHost) {
    this.real = real;
    this.#mode = real ? 'real' : 'u64';
    this.cr4 = real ? undefined : CR4_64;
    this.memory = identitySpace(hardware, real ? REAL_FRAMES : K_FRAMES);
    const vcpu = new BareGuest(hardware.cpu(0), {
      mode: this.#mode,
      code: { at: decodeInstruction },
      vectors: {
        kernelStack: STACK,
        handler: (vector, cpu) => (cpu.real ? this.memory.readInteger(BigInt(4 * vector), 2) : undefined),
      },
      touches: new FirstTouches(hardware.memory, this.#mode),
      ...host,
    });
    this.vcpus = [vcpu];
    if (!real) for (const [at, entry] of TABLES) this.memory.writeInteger(at, 8, entry);
    this.restart();
  }

  /** Values that the program stores, in order. */
  get results(): readonly bigint[] {
    return Array.from({ length: this.#results }, (_, i) => this.memory.readInteger(RESULTS + BigInt(WORD * i), WORD));
  }

  /** DR6 and DR7, as the #DB handler has seen them last. */
  get record(): readonly [dr6: bigint, dr7: bigint] {
    const word = (at: bigint): bigint => this.memory.readInteger(at, WORD);
    return [word(RECORD), word(RECORD + BigInt(WORD))];
  }

  isBreakpoint(pc: bigint): boolean {
    return this.#vcpu.cpu.peek(pc, 1) === INT3;
  }

  /** Replaces the program. */
  load(program: ProgramCode): void {
    const assembled: Assembled = { bytes: [], results: 0 };
    for (const [, text] of program) assemble(text, this.real, assembled);
    const page = new Uint8Array(CODE_SIZE).fill(HALT);
    page.set(assembled.bytes.slice(0, CODE_SIZE));
    this.memory.write(CODE, page);
    this.#results = assembled.results;
  }

  /** Handlers too. */
  restart(): void {
    const { cpu } = this.#vcpu;
    if (this.real) {
      for (const [vector, at, bytes] of HANDLERS) {
        this.memory.writeInteger(BigInt(4 * vector), WORD, at);
        this.memory.write(at, Uint8Array.from([...bytes, ...new Array(32 - bytes.length).fill(0)]));
      }
    }
    this.#vcpu.reset();
    cpu.context.registers.clear();
    cpu.mode = this.#mode;
    cpu.context.mode = this.real ? 'kernel' : 'user';
    cpu.context.pc = CODE;
    cpu.flags = this.real ? 0n : FLAG_IOPL;
    cpu.stack = STACK;
  }

  get #vcpu(): BareGuest {
    return this.vcpus[0] as BareGuest;
  }
}

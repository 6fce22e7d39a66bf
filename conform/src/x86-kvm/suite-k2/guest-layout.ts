/** Where things are in the guests of suite K2: of virtual CPU 0, and how far the next one's are from them. */
const OF_CPU_0 = Object.freeze({
  code: 0x1000n,
  results: 0x3000n,
  record: 0x3400n,
  handlers: 0x4000n,
  vectors: 0x6000n,
});
const STRIDE = 0x800n;
const STACK_STRIDE = 0x1000n;
const KERNEL_STACK = 0x9000n;
const USER_STACK = 0xb000n;

/** Bytes of a program, of a results area, and between a handler and the next one's of another virtual CPU. */
export const AREA = STRIDE;
export const RESULTS_SIZE = 0x400;

/** Frames of 4096 bytes: where there is memory. */
export const GUEST_MEMORY = Object.freeze({
  pageSize: 0x1000,
  /** 2 MiB. */
  frames: 0x200,
  /** No memory: devices. */
  hole: Object.freeze({ first: 7, count: 1 }),
  /** Frames that page tables of 64-bit modes map: 4 MiB. */
  mapped: 0x400,
  /** Frames that real mode reaches: 1 MiB. */
  realMapped: 0x100,
});

/** Handlers of other exceptions, by the distance from that of #DB. */
export const HANDLERS = Object.freeze({
  breakpoint: { offset: 0x200n, code: ['out:0x73', 'iret'] },
  undefined: { offset: 0x240n, port: 0x76 },
  protection: { offset: 0x280n, port: 0x7d },
  others: { offset: 0x2c0n, port: 0x7f },
  interrupt: { offset: 0x300n, code: ['out:0x60', 'iret'] },
  doubleFault: { offset: 0x340n, port: 0x78 },
});

/** Vectors of interrupts that have a handler. */
export const INTERRUPTS = Object.freeze({ first: 0x20, last: 0x2f });

/** The #DB handler's record: words by their distance from its beginning. */
export const RECORD = Object.freeze({ rip: 8n, flags: 0x10n, dr6: 0x18n, dr7: 0x20n, count: 0x28n });

/** Addresses of one virtual CPU's. */
export interface CpuLayout {
  readonly code: bigint;
  readonly results: bigint;
  readonly record: bigint;
  readonly handlers: bigint;
  readonly kernelStack: bigint;
  readonly userStack: bigint;
}

export function layoutOf(vcpu: number): CpuLayout {
  const offset = STRIDE * BigInt(vcpu);
  const stacks = STACK_STRIDE * BigInt(vcpu);
  return {
    code: OF_CPU_0.code + offset,
    results: OF_CPU_0.results + offset,
    record: OF_CPU_0.record + offset,
    handlers: OF_CPU_0.handlers + offset,
    kernelStack: KERNEL_STACK + stacks,
    userStack: USER_STACK + stacks,
  };
}

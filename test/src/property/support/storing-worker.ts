import { program } from '@hwbp/core';

/** The words that it stores to, and where its instructions are. */
export const WORKER_DATA = 0x1000n;
export const WORKER_TEXT = 0x40_0000n;

/** Stores to eight words in turn, now and then from kernel mode; ends after a while. */
export function storingWorker(rounds: number) {
  return program(function* () {
    for (let i = 0; i < rounds; i++) {
      const pc = WORKER_TEXT + BigInt(4 * (i % 8));
      const store = { kind: 'write', address: WORKER_DATA + BigInt(8 * (i % 8)), size: 4 } as const;
      if (i % 5 !== 4) yield { pc, length: 4, accesses: [store] };
      else yield { pc, length: 4, syscall: program([{ pc: 0xffff_ffff_8100_0000n, length: 4, accesses: [store] }]) };
    }
  });
}

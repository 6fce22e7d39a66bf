import { MANIFEST, type SystemCall, Token } from '@hwbp/core';
import type { Children } from './calls/children.js';
import type { Futexes } from './calls/futexes.js';
import type { MemoryAreas } from './calls/memory-areas.js';
import type { UserMemory } from './user-memory.js';

/** What the calls of this package keep of a kernel. */
export interface CallParts extends Disposable {
  readonly memory: UserMemory;
  readonly futexes: Futexes;
  readonly children: Children;
  readonly areas: MemoryAreas;
}

/** Made with the kernel. */
export const CALL_PARTS = new Token<CallParts>('CallParts', 'compose the kernel with linuxSystemCalls(...)');

/** Of the kernel that a call is made in. */
export function partsOf({ get }: SystemCall): CallParts {
  return get(CALL_PARTS);
}

/** An argument as a C int. */
export function int(argument: bigint | undefined): number {
  return Number(BigInt.asIntN(32, argument ?? 0n));
}

/** An argument with the sign of a long. */
export function long(call: SystemCall, argument: bigint | undefined): bigint {
  return BigInt.asIntN(8 * call.get(MANIFEST).wordSize, argument ?? 0n);
}

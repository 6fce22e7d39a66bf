import { x86 } from '@hwbp/arch-x86';
import type { Architecture } from '@hwbp/core';

/** The architectures that the scenarios are played on. */
export const ARCHITECTURES: readonly { readonly name: string; create(): Architecture }[] = [
  { name: 'x86', create: () => x86() },
];

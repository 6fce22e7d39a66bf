import { KernelError } from '@hwbp/core';
import { MESSAGES } from '../messages.js';
import { OWNER } from '../parts.js';
import { Refusal } from '../refusal.js';

/** What the user is told of a refusal by the breakpoint layer: Linux's words, then who holds the registers. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof KernelError)) return error;
  if (error.errno !== 'ENOSPC') return new Refusal(error.message);
  const holders = (error.details.holders ?? []) as readonly { readonly owner?: unknown }[];
  const others = new Set(holders.map(({ owner }) => String(owner)).filter((owner) => owner !== OWNER));
  const held = others.size === 0 ? '' : `\n  held by ${[...others].join(', ')}`;
  return new Refusal(`${MESSAGES.NO_FREE_REGISTER}${held}`);
}

import type { KernelError } from '@hwbp/core';
import { usageError } from '../errors.js';
import type { ResolvedEvent } from './resolve-event.js';

/** Why the kernel refused, without what only helps programmers. */
export function reasonOf(error: KernelError): string {
  return error.message.replace(/^[A-Z0-9]+: /, '').replace(/; unregister one of them$/, '');
}

/** Why an event cannot be opened, and what would help. */
export function refused({ name }: ResolvedEvent, error: KernelError, policy: string): Error {
  const reason = reasonOf(error);
  if (error.code !== 'HWBP_NO_SLOT') return usageError(`-e ${name}: ${reason}`);
  const remedy =
    policy === 'flexible'
      ? 'leave the modifier D out of some events: those that are not pinned take turns'
      : 'leave events out, or let them take turns: --policy flexible';
  return usageError(`-e ${name}: ${reason}`, remedy);
}

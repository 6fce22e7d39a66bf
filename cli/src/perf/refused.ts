import type { KernelError } from '@hwbp/core';
import { usageError } from '../errors.js';

/** Why the kernel refused, without what only helps programmers. */
export function reasonOf(error: KernelError): string {
  return error.message.replace(/^[A-Z0-9]+: /, '').replace(/; unregister one of them$/, '');
}

/** Why an event cannot be opened, and what would help. */
export function refused(name: string, error: KernelError): Error {
  const reason = reasonOf(error);
  if (error.code !== 'HWBP_NO_SLOT') return usageError(`-e ${name}: ${reason}`);
  return usageError(`-e ${name}: ${reason}`, 'leave events out, or let them take turns: --policy flexible');
}

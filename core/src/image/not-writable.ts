import { coreError, type ErrorDetails, type KernelError } from '../errors/index.js';

/** EBUSY: something cannot be written down, so that no image can be made now. `why` says what, and what would help. */
export function notWritable(why: string, details?: ErrorDetails): KernelError {
  return coreError('IMAGE_NOT_WRITABLE', `no image can be made now: ${why}`, details);
}

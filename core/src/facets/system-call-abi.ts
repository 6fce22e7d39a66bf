import type { SystemCallAbi } from '../kernel/index.js';
import { Facet } from './facet.js';

/**
 * How a kernel's system calls use registers: what makes an instruction's `syscall: true` a call. Whoever offers it
 * offers `SYSTEM_CALL_NUMBERS` with it.
 */
export const SYSTEM_CALL_ABI = new Facet<SystemCallAbi>(
  'registers of system calls',
  'SystemCallAbi (the registers of number, arguments and result), and offer it with SYSTEM_CALL_ABI',
);

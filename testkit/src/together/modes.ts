import type { Mode } from '@hwbp/core';

/** User mode, and kernel mode (where some kernels disarm the unit while they handle an exception). */
export const MODES: readonly Extract<Mode, 'user' | 'kernel'>[] = ['user', 'kernel'];

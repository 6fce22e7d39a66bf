/*
 * A host and two guests on one CPU.
 *
 *   hwbp run guests.config.ts
 *   hwbp debug guests.config.ts --guest alpha     then, in gdb: watch *(long *) 0xffffffff82a05018
 */
import { defineKernel, type Kernel } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { type Guest, HOST, setUp } from './guests.js';

const guests = new WeakMap<Kernel, { readonly alpha: Guest; readonly beta: Guest }>();

export default defineKernel({
  kernel: HOST,

  setup(kernel) {
    guests.set(kernel, setUp(kernel));
  },

  report(kernel) {
    const { alpha, beta } = guests.get(kernel) ?? {};
    const own = `alpha's own watch was hit ${alpha?.hits.length} times, beta's ${beta?.hits.length} times`;
    return `${kernel.get(KsymTracer).files.read('trace')}\n${own}`;
  },
});

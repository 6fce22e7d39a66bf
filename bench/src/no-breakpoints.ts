import { defineScheduler } from '@hwbp/core';

/** No breakpoints are ever scheduled: what a context switch costs is the kernel's own. */
export const noBreakpoints = defineScheduler('none', ({ registers }) => ({
  name: 'none',
  open: (request) => registers.admit(request, { hit() {}, displaced() {}, granted() {}, givenUp() {} }),
  activate() {},
  close() {},
  enable() {},
  disable() {},
  modify() {},
  aside: (_cpu, action) => action(),
  [Symbol.dispose]() {},
}));

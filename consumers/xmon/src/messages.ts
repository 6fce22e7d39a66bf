/** What xmon answers, where Linux's words are known (arch/powerpc/xmon/xmon.c). */
export const MESSAGES = Object.freeze({
  /** `b`, `bi`. */
  NOT_KERNEL: 'Breakpoints may only be placed at kernel addresses',
  /** `bd`. */
  NOT_KERNEL_DATA: 'Only kernel addresses are permitted for breakpoints',
  NO_INSTRUCTION_BREAKPOINT: 'Hardware instruction breakpoint not supported on this cpu',
  NO_DATA_BREAKPOINT: 'Hardware data breakpoint not supported on this cpu',
  NO_FREE_REGISTER: "Couldn't find free breakpoint register",
  ALL_CLEARED: 'All breakpoints cleared',
  READ_ONLY: 'Operation disabled: xmon in read-only mode',
});

import { coreError } from '../errors/index.js';
import { NullDebugUnit, WatchFilter } from '../hardware/index.js';
import { NOTIFY_DONE, SI_CODES } from '../kernel/index.js';
import type { ArchBackend, ArchBreakpoint } from './backend.js';
import { defineManifest } from './manifest.js';

/**
 * An architecture without hardware breakpoints: what Linux is without HAVE_HW_BREAKPOINT. Every registration answers
 * ENOSYS, unregistering is a no-op, and software breakpoints still raise SIGTRAP.
 */
export function nullBackend(): ArchBackend {
  return {
    manifest: defineManifest({
      name: 'none',
      slots: { data: 0, instruction: 0, shared: true },
      access: [],
      dataLengths: [],
      executeLength: undefined,
      alignment: 'any',
      granule: 1,
      timing: { data: 'after', execute: 'before' },
      privilegeFilter: false,
      longestRange: 0,
      wordSize: 8,
      pageSize: 4096,
      taskSize: 0x8000_0000_0000n,
      directMap: 0xffff_8000_0000_0000n,
    }),
    createUnit: () => new NullDebugUnit(new WatchFilter()),
    createDriver: () => ({
      occupants: [],
      install() {},
      uninstall() {},
      hold() {},
      release() {},
      active: false,
      disable() {},
      restore() {},
    }),
    parse(): ArchBreakpoint {
      throw coreError(
        'HWBP_NO_SUPPORT',
        'this architecture has no hardware breakpoints; compose another one to use them',
      );
    },
    connect: ({ machine }) => ({
      debug() {},
      trap(cpu) {
        if (cpu.current === undefined) return;
        const info = { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_BRKPT, si_addr: cpu.context.pc } as const;
        machine.sendSignal(cpu.current, info);
      },
      pageFault(cpu, address) {
        if (cpu.current !== undefined) machine.signalPageFault(cpu.current, address);
      },
      minorFault() {},
      systemCallExit() {},
      notify: () => NOTIFY_DONE,
    }),
  };
}

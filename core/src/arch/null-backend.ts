import { coreError } from '../errors/index.js';
import { NullDebugUnit, WatchFilter } from '../hardware/index.js';
import { type FinalVerdict, NOTIFY_DONE } from '../kernel/index.js';
import type { ArchBackend } from './backend.js';
import type { ArchBreakpoint } from './cpu-driver.js';
import { DriverBase } from './driver-base.js';
import { defineManifest } from './manifest.js';
import { PortBase } from './port-base.js';

class NullDriver extends DriverBase {
  protected arm(): void {}
  protected disarm(): void {}
}

class NullPort extends PortBase {
  protected debug(): void {}

  hits(): undefined {}

  delivered(): FinalVerdict {
    return NOTIFY_DONE;
  }
}

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
    createDriver: () => new NullDriver(0),
    parse(): ArchBreakpoint {
      throw coreError(
        'HWBP_NO_SUPPORT',
        'this architecture has no hardware breakpoints; compose another one to use them',
      );
    },
    connect: (host) => new NullPort(host),
  };
}

import type { DebugException } from './debug-unit.js';

/**
 * An access to a control register, such as x86's MOV to and from DR0 to DR7 or ppc64's mtspr and mfspr. The name is the
 * architecture's own, in lower case: `dr7`, `dabr`.
 */
export interface ControlAccess {
  readonly register: string;
  /** What is written; absent: it is read. 64 bits. */
  readonly value?: bigint;
}

/**
 * Why an instruction may not make the access itself: `undefined` there is no such register here, `privilege` not in
 * this mode, `value` the register does not take that value, `intercepted` the hypervisor of a virtual CPU makes it.
 */
export type ControlFault = 'undefined' | 'privilege' | 'value' | 'intercepted';

/**
 * What a CPU did with an access: the value that was read or written, an exception before it (general detect), or a
 * fault.
 */
export type ControlResult = bigint | DebugException | ControlFault;

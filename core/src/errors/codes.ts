import type { Errno } from './errno.js';

/**
 * Every way in which core refuses. The key is API and stable (`KernelError.code`); the value is the errno that Linux
 * answers. A test pins this list.
 */
export const CORE_ERRORS = Object.freeze({
  /** The slot class has no registers on this architecture at all. */
  HWBP_NO_SUCH_CLASS: 'EOPNOTSUPP',
  /** `bp_type` is empty, or names both a data and an instruction condition. */
  HWBP_BAD_TYPE: 'EINVAL',
  /** Every register that the request could use is spoken for. */
  HWBP_NO_SLOT: 'ENOSPC',
  /** The architecture cannot watch this type, length or alignment. */
  HWBP_ARCH_INVALID: 'EINVAL',
  /** The architecture knows the request but this CPU lacks the feature. */
  HWBP_ARCH_UNSUPPORTED: 'EOPNOTSUPP',
  /** The architecture has no usable breakpoint hardware. */
  HWBP_ARCH_NO_DEVICE: 'ENODEV',
  /** A task has no debug register of that number. */
  HWBP_NO_DEBUG_REGISTER: 'EIO',
  /** A kernel address together with `exclude_kernel`. */
  HWBP_KERNEL_ADDRESS: 'EINVAL',
  /** A kernel address asked for by a caller without privilege. */
  HWBP_KERNEL_ADDRESS_PRIVILEGE: 'EPERM',
  /** No register was free although a slot was granted: the backend or the policy is broken. */
  HWBP_INSTALL_BUSY: 'EBUSY',
  /** The architecture has no breakpoint support (spec: the off case). */
  HWBP_NO_SUPPORT: 'ENOSYS',
  /** The scheduler that was composed cannot do this. */
  HWBP_SCHEDULER_UNSUPPORTED: 'EOPNOTSUPP',
  /** No CPU of that number. */
  HWBP_NO_SUCH_CPU: 'EINVAL',
  /** The CPU is offline. */
  HWBP_CPU_OFFLINE: 'ENODEV',
  /** The task has exited. */
  HWBP_TASK_GONE: 'ESRCH',
  /** The breakpoint was unregistered. */
  HWBP_RELEASED: 'EINVAL',
  /** A field that modify cannot change differs. */
  HWBP_MODIFY_FIELD: 'EINVAL',
  /** No PMU counts events of this type. */
  EVENT_NO_PMU: 'ENOENT',
  /** The event cannot join this group. */
  EVENT_BAD_GROUP: 'EINVAL',
  /** The event cannot be enabled for a number of overflows. */
  EVENT_NO_REFRESH: 'EINVAL',
  /** Events of this PMU cannot be changed. */
  EVENT_NOT_MODIFIABLE: 'EOPNOTSUPP',
  /** The event cannot have this period. */
  EVENT_BAD_PERIOD: 'EINVAL',
  /** The kernel was disposed. */
  HWBP_DISPOSED: 'ENODEV',
  /** Another debugger has stopped the machine. */
  HWBP_DEBUGGER_INSIDE: 'EBUSY',
  /** The CPU is stopped inside an exception. */
  CPU_SUSPENDED: 'EBUSY',
  /** A page is not mapped, or not with that permission. */
  MEMORY_FAULT: 'EFAULT',
  /** Code of the kernel's own that no task is to pay for has done what nobody may. */
  KERNEL_PANIC: 'EFAULT',
  /** Something would have to wait that no task executes, such as an interrupt handler. */
  WAIT_WITHOUT_TASK: 'EDEADLK',
  /** A system call was made where no task executes: in an interrupt handler. */
  SYSTEM_CALL_WITHOUT_TASK: 'EINVAL',
  /** No table has a system call of this number. */
  NO_SUCH_SYSTEM_CALL: 'ENOSYS',
  /** There is no child to wait for. */
  TASK_NO_CHILD: 'ECHILD',
  /** The last online CPU cannot go offline. */
  CPU_LAST_ONLINE: 'EBUSY',
  /** A CPU is on its way up or down. */
  CPU_HOTPLUG_BUSY: 'EBUSY',
  /** A scheduling class has answered what cannot be. */
  TASK_SCHEDULER_WRONG: 'EINVAL',
  /** The machine is suspended. */
  POWER_SUSPENDED: 'EBUSY',
  /** The machine is not suspended. */
  POWER_AWAKE: 'EINVAL',
  /** Something of the kernel cannot be written down, so that no image can be made now. */
  IMAGE_NOT_WRITABLE: 'EBUSY',
  /** An image is damaged, of another version, or of another composition. */
  IMAGE_INVALID: 'EINVAL',
  /** This kernel has tasks already: an image is for one that was just composed. */
  IMAGE_NOT_FRESH: 'EBUSY',
  /** An interrupt that wakes the machine came before it was suspended. */
  POWER_WAKEUP: 'EBUSY',
} as const satisfies Record<string, Errno>);

/** A stable code of an error that core reports. */
export type CoreErrorCode = keyof typeof CORE_ERRORS;

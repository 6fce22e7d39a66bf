/**
 * Linux's generic errno names and numbers (include/uapi/asm-generic/errno*.h), as far as the breakpoint paths use them.
 */
export const ERRNO = Object.freeze({
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSPC: 28,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
  /** Kernel-internal; leaks to user space from one powerpc ptrace path. */
  ENOTSUPP: 524,
});

/** The name of an errno, such as `'EINVAL'`. */
export type Errno = keyof typeof ERRNO;

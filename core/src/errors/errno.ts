/**
 * Linux's generic errno names and numbers (include/uapi/asm-generic/errno*.h), as far as kernels here answer with
 * them.
 */
export const ERRNO = Object.freeze({
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EMFILE: 24,
  ENOTTY: 25,
  ENOSPC: 28,
  EPIPE: 32,
  EDEADLK: 35,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  /** Kernel-internal; leaks to user space from one powerpc ptrace path. */
  ENOTSUPP: 524,
});

/** The name of an errno, such as `'EINVAL'`. */
export type Errno = keyof typeof ERRNO;

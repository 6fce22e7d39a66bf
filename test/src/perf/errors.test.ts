import { ERRNO } from '@hwbp/core';
import { PERF_ERRORS } from '@hwbp/perf';
import test from 'ava';

test('the codes of opening and of files are API: they are pinned, with the errnos that Linux answers', (t) => {
  t.like(
    { ...PERF_ERRORS },
    {
      PERF_OPEN_INVALID: 'EINVAL',
      PERF_OPEN_DENIED: 'EACCES',
      PERF_NO_TASK: 'ESRCH',
      PERF_BAD_FD: 'EBADF',
      PERF_LEADER_GONE: 'ENODEV',
      PERF_STOPPED: 'ENODEV',
      PERF_CLOSED: 'EBADF',
      PERF_READ_SHORT: 'ENOSPC',
      PERF_BAD_IOCTL: 'ENOTTY',
      PERF_IOCTL_INVALID: 'EINVAL',
      PERF_MODIFY_UNSUPPORTED: 'EOPNOTSUPP',
      PERF_MMAP_INVALID: 'EINVAL',
    },
  );
  for (const errno of Object.values(PERF_ERRORS)) t.true(errno in ERRNO);
});

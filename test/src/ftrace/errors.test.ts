import { ERRNO } from '@hwbp/core';
import { FTRACE_ERRORS } from '@hwbp/ftrace';
import test from 'ava';

test('the codes are API: the list of them is pinned, with the errnos that Linux answers', (t) => {
  t.true(Object.isFrozen(FTRACE_ERRORS));
  t.deepEqual(
    { ...FTRACE_ERRORS },
    {
      FTRACE_NO_SUCH_FILE: 'ENOENT',
      FTRACE_READ_ONLY: 'EACCES',
      FTRACE_STOPPED: 'ENODEV',
      FTRACE_BAD_NUMBER: 'EINVAL',
      FTRACE_NO_SUCH_TRACER: 'EINVAL',
      FTRACE_NO_SUCH_OPTION: 'EINVAL',
      KSYM_MALFORMED: 'EINVAL',
      KSYM_UNKNOWN_SYMBOL: 'EINVAL',
      KSYM_BAD_OPS: 'EINVAL',
      KSYM_DUPLICATE: 'EINVAL',
      KSYM_NOT_LISTED: 'EINVAL',
      KSYM_ARCH_REFUSED: 'EINVAL',
      KSYM_SELF_TEST_FAILED: 'EIO',
      KSYM_SELF_TEST_NO_CPU: 'EBUSY',
    },
  );
  for (const errno of Object.values(FTRACE_ERRORS)) t.true(errno in ERRNO);
});

import { X86_ERRORS } from '@hwbp/arch-x86';
import { ERRNO } from '@hwbp/core';
import test from 'ava';

test('the codes of x86 are API: the list of them is pinned', (t) => {
  t.true(Object.isFrozen(X86_ERRORS));
  t.deepEqual(
    { ...X86_ERRORS },
    {
      X86_NO_DEBUG_REGISTER: 'EIO',
      X86_GUEST_EVENT_PENDING: 'EBUSY',
      X86_GUEST_REGISTERS: 'EINVAL',
    },
  );
  for (const errno of Object.values(X86_ERRORS)) t.true(errno in ERRNO);
});

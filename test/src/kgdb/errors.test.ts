import { KGDB_ERRORS } from '@hwbp/kgdb';
import test from 'ava';

test('the codes of kgdb are API: this list changes only on purpose', (t) => {
  t.deepEqual(KGDB_ERRORS, {
    KGDB_BAD_PACKET: 'EINVAL',
    KGDB_TOO_LONG: 'E2BIG',
    KGDB_NO_THREAD: 'EINVAL',
    KGDB_NO_PROCESS: 'ESRCH',
    KGDB_NO_REGISTER: 'EINVAL',
    KGDB_NO_SIGNAL: 'EINVAL',
    KGDB_IDLE: 'EINVAL',
    KGDB_ENDED: 'ESRCH',
    KGDB_BAD_ADDRESS: 'EFAULT',
    KGDB_NO_MEMORY: 'ENOMEM',
    KGDB_BAD_EXPRESSION: 'EINVAL',
    KGDB_NO_BREAKPOINT: 'ENOENT',
    KGDB_TOO_MANY_BREAKPOINTS: 'ENOSPC',
    KGDB_POINT_TAKEN: 'EBUSY',
    KGDB_ACCOUNTING_BUSY: 'EBUSY',
    KGDB_ATTACHED: 'EBUSY',
    KGDB_STOPPED: 'ENODEV',
  });
});

import { COMPOSITION_ERRORS, CORE_ERRORS, ERRNO, KernelError } from '@hwbp/core';
import test from 'ava';

test('the codes of core’s errors are API: these, with the errno that Linux answers', (t) => {
  t.deepEqual(CORE_ERRORS, {
    HWBP_NO_SUCH_CLASS: 'EOPNOTSUPP',
    HWBP_BAD_TYPE: 'EINVAL',
    HWBP_NO_SLOT: 'ENOSPC',
    HWBP_ARCH_INVALID: 'EINVAL',
    HWBP_NO_DEBUG_REGISTER: 'EIO',
    HWBP_ARCH_UNSUPPORTED: 'EOPNOTSUPP',
    HWBP_ARCH_NO_DEVICE: 'ENODEV',
    HWBP_KERNEL_ADDRESS: 'EINVAL',
    HWBP_KERNEL_ADDRESS_PRIVILEGE: 'EPERM',
    HWBP_INSTALL_BUSY: 'EBUSY',
    HWBP_NO_SUPPORT: 'ENOSYS',
    HWBP_SCHEDULER_UNSUPPORTED: 'EOPNOTSUPP',
    HWBP_NO_SUCH_CPU: 'EINVAL',
    HWBP_CPU_OFFLINE: 'ENODEV',
    HWBP_TASK_GONE: 'ESRCH',
    HWBP_RELEASED: 'EINVAL',
    HWBP_MODIFY_FIELD: 'EINVAL',
    EVENT_NO_PMU: 'ENOENT',
    EVENT_BAD_GROUP: 'EINVAL',
    EVENT_NO_REFRESH: 'EINVAL',
    EVENT_NOT_MODIFIABLE: 'EOPNOTSUPP',
    EVENT_BAD_PERIOD: 'EINVAL',
    HWBP_DISPOSED: 'ENODEV',
    HWBP_DEBUGGER_INSIDE: 'EBUSY',
    CPU_SUSPENDED: 'EBUSY',
    MEMORY_FAULT: 'EFAULT',
    KERNEL_PANIC: 'EFAULT',
    WAIT_WITHOUT_TASK: 'EDEADLK',
    SYSTEM_CALL_WITHOUT_TASK: 'EINVAL',
    NO_SUCH_SYSTEM_CALL: 'ENOSYS',
    TASK_NO_CHILD: 'ECHILD',
    CPU_HOTPLUG_BUSY: 'EBUSY',
    TASK_SCHEDULER_WRONG: 'EINVAL',
    POWER_SUSPENDED: 'EBUSY',
    POWER_AWAKE: 'EINVAL',
    IMAGE_NOT_WRITABLE: 'EBUSY',
    IMAGE_INVALID: 'EINVAL',
    IMAGE_NOT_FRESH: 'EBUSY',
    POWER_WAKEUP: 'EBUSY',
    CPU_LAST_ONLINE: 'EBUSY',
  });
});

test('the codes of composition errors are API: these', (t) => {
  t.deepEqual(COMPOSITION_ERRORS, [
    'COMPOSE_INVALID_OPTION',
    'COMPOSE_NOT_A_PLUGIN',
    'COMPOSE_MISSING_FACET',
    'COMPOSE_MISSING_PART',
    'COMPOSE_DUPLICATE_PLUGIN',
    'COMPOSE_PROVIDED_TWICE',
    'COMPOSE_CONFLICT',
    'COMPOSE_CIRCULAR',
    'COMPOSE_START_FAILED',
    'COMPOSE_NOT_COMPOSED',
    'COMPOSE_DISPOSED',
    'COMPOSE_UNKNOWN_QUIRK',
  ]);
});

test('a KernelError carries Linux’s errno by name and number, a code, and frozen details', (t) => {
  for (const errno of Object.values(CORE_ERRORS)) {
    const error = new KernelError('CODE', errno, 'why', { limit: 4 });
    t.is(error.errnum, ERRNO[errno]);
    t.is(error.message, `${errno}: why`);
    t.true(Object.isFrozen(error.details));
  }
});

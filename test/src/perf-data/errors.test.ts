import { ERRNO } from '@hwbp/core';
import { PERF_ERRORS } from '@hwbp/perf';
import test from 'ava';

test('the codes of the formats are API: each is pinned, with its errno', (t) => {
  t.true(Object.isFrozen(PERF_ERRORS));
  const formats = {
    PERF_ATTR_SIZE: 'E2BIG',
    PERF_ATTR_CUT: 'E2BIG',
    PERF_ATTR_RESERVED: 'EINVAL',
    PERF_SAMPLE_UNSUPPORTED: 'EOPNOTSUPP',
    PERF_RECORD_MALFORMED: 'EINVAL',
    PERF_RECORD_TOO_BIG: 'E2BIG',
    PERF_DATA_MALFORMED: 'EINVAL',
    PERF_DATA_UNSUPPORTED: 'EOPNOTSUPP',
    PERF_DATA_EVENTS: 'EINVAL',
    PERF_EVENT_SYNTAX: 'EINVAL',
  };
  t.like({ ...PERF_ERRORS }, formats);
  for (const errno of Object.values(PERF_ERRORS)) t.true(errno in ERRNO);
});
